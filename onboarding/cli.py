"""The `onboarding` command: one verb a process, one verb a question."""

import asyncio
from typing import Final

import click
import uvloop

from consumers.process import run_consumer
from onboarding.audit import run_auditor
from onboarding.conflict_commands import conflicts
from onboarding.doctor_command import doctor
from onboarding.document_commands import docs
from onboarding.gap_commands import accept, gaps
from onboarding.logs import set_up_logs
from onboarding.opening_commands import opening_balance
from onboarding.operations_commands import find, recount
from onboarding.pause_commands import pause, resume
from onboarding.processes import audit_settings, consumer_settings, worker_settings
from onboarding.rebuild_command import rebuild
from onboarding.reconcile_command import reconcile
from onboarding.refused_commands import refused
from onboarding.run_command import run
from onboarding.settings import SettingError, read_settings
from onboarding.status_command import status
from onboarding.totals_command import totals
from onboarding.upstream_commands import check, publish, simulate
from onboarding.why_command import why
from streams.process import run_worker


class _Group(click.Group):
    """Commands in the order in which a newcomer needs them, and a wrong setting as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as they were added."""
        del ctx
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a wrong setting is the user's to mend, not a bug."""
        try:
            return super().invoke(ctx)
        except SettingError as error:
            raise click.UsageError(str(error)) from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    r"""Count a country's move to digital identity, exactly once.

    \b
    Try it all here:    run
    Its processes:      consume, total, audit
    For upstream:       check, publish, simulate
    For operators:      status, doctor, totals, find, why, recount, reconcile
    Their decisions:    refused, conflicts, gaps, accept-gap, pause, resume, rebuild, opening-balance
    """
    set_up_logs()


@main.command()
def consume() -> None:
    """Record every event in Postgres: one consumer process.

    Any number of them share the partitions. It waits for Kafka and Postgres when they are away, creates topics and
    schema where they are missing, and serves /metrics, /healthz and /readyz on ONBOARDING_CONSUMER_PORT.
    """
    settings = read_settings()
    uvloop.run(run_consumer(consumer_settings(settings)))


@main.command()
def total() -> None:
    """Keep and show the totals: one stream worker.

    One worker is active, any other stands by and takes over. It serves the totals for Prometheus as /metrics on
    ONBOARDING_TOTALS_PORT, with /healthz and /readyz.
    """
    settings = read_settings()
    asyncio.run(run_worker(worker_settings(settings)))


@main.command()
def audit() -> None:
    """Check the books on a schedule, close days, make room: one auditor.

    It counts the ledger again every ONBOARDING_RECOUNT_HOURS and shows what differs, closes each day three days after
    its end, and removes resolved refused records that are old or too many. It serves /metrics, /healthz and /readyz on
    ONBOARDING_AUDIT_PORT. Recording and totals do not need it.
    """
    asyncio.run(run_auditor(audit_settings(read_settings())))


_QUESTIONS: Final = (status, doctor, totals, find, why, recount, reconcile)
_DECISIONS: Final = (refused, conflicts, gaps, accept, pause, resume, rebuild, opening_balance)
for command in (run, check, publish, simulate, *_QUESTIONS, *_DECISIONS, docs):
    main.add_command(command)
