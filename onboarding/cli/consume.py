"""What starts a consumer process: `consume`."""

import click
import uvloop

from consumers.preparation import ConsumerSettings
from consumers.process import run_consumer
from onboarding.settings import Settings, read_settings


@click.command()
def consume() -> None:
    """Record every event in Postgres: one consumer process.

    Any number of them share the partitions. It waits for Kafka and Postgres when they are away, creates topics and
    schema where they are missing, and serves /metrics, /healthz and /readyz on ONBOARDING_CONSUMER_PORT.
    """
    settings = read_settings()
    uvloop.run(run_consumer(consumer_settings(settings)))


def consumer_settings(settings: Settings) -> ConsumerSettings:
    """Pick what a consumer process must be told."""
    return ConsumerSettings(
        environment=settings.onboarding_environment,
        bootstrap=settings.kafka_bootstrap_servers,
        database_url=settings.database_url,
        replication_factor=settings.onboarding_replication_factor,
        backup_seconds_max=settings.onboarding_backup_days_max * 86_400,
        http_host=settings.onboarding_http_host,
        http_port=settings.onboarding_consumer_port,
    )
