"""What starts an auditor: `audit`."""

import asyncio
from pathlib import Path

import click

from auditor.inhabitants import Inhabitants, InhabitantsError, read_inhabitants
from auditor.process import AuditSettings, run_auditor
from ledger.retention import Room
from onboarding.settings import SettingError, Settings, read_settings


@click.command()
def audit() -> None:
    """Check the books on a schedule, close days, make room: one auditor.

    It counts the ledger again every ONBOARDING_RECOUNT_HOURS and shows what differs, closes each day three days after
    its end, and removes resolved refused records that are old or too many. It serves /metrics, /healthz and /readyz on
    ONBOARDING_AUDIT_PORT. Recording and totals do not need it.
    """
    asyncio.run(run_auditor(audit_settings(read_settings())))


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
        inhabitants=_read_inhabitants(settings.onboarding_inhabitants_file),
        http_host=settings.onboarding_http_host,
        http_port=settings.onboarding_audit_port,
    )


def _read_inhabitants(path: Path | None) -> list[Inhabitants]:
    """Read the file of inhabitants. Raises SettingError where it is wrong."""
    try:
        return read_inhabitants(path)
    except InhabitantsError as error:
        raise SettingError(f"ONBOARDING_INHABITANTS_FILE: {error}") from None
