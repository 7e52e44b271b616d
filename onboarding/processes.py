"""What each process must be told, picked from the settings."""

from consumers.preparation import ConsumerSettings
from consumers.refusal_room import Room
from onboarding.audit import AuditSettings
from onboarding.inhabitants import read_inhabitants
from onboarding.settings import Settings
from streams.process import WorkerSettings


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


def worker_settings(settings: Settings) -> WorkerSettings:
    """Pick what a stream worker must be told."""
    return WorkerSettings(
        bootstrap=settings.kafka_bootstrap_servers,
        replication_factor=settings.onboarding_replication_factor,
        http_host=settings.onboarding_http_host,
        http_port=settings.onboarding_totals_port,
    )


def audit_settings(settings: Settings) -> AuditSettings:
    """Pick what an auditor must be told."""
    return AuditSettings(
        bootstrap=settings.kafka_bootstrap_servers,
        database_url=settings.database_url,
        totals_url=settings.onboarding_totals_url,
        recount_seconds=settings.onboarding_recount_hours * 3_600,
        refused_room=Room(
            settings.onboarding_refused_days * 86_400, settings.onboarding_refused_megabytes_max * 1_000_000
        ),
        inhabitants=read_inhabitants(settings.onboarding_inhabitants_file),
        http_host=settings.onboarding_http_host,
        http_port=settings.onboarding_audit_port,
    )
