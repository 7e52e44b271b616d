"""What starts a stream worker: `total`."""

import asyncio

import click

from onboarding.settings import Settings, read_settings
from streams.process import WorkerSettings, run_worker


@click.command()
def total() -> None:
    """Keep and show the totals: one stream worker.

    One worker is active, any other stands by and takes over. It serves the totals for Prometheus as /metrics on
    ONBOARDING_TOTALS_PORT, with /healthz and /readyz.
    """
    settings = read_settings()
    asyncio.run(run_worker(worker_settings(settings)))


def worker_settings(settings: Settings) -> WorkerSettings:
    """Pick what a stream worker must be told."""
    return WorkerSettings(
        bootstrap=settings.kafka_bootstrap_servers,
        replication_factor=settings.onboarding_replication_factor,
        http_host=settings.onboarding_http_host,
        http_port=settings.onboarding_totals_port,
    )
