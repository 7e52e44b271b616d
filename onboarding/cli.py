"""The `onboarding` command: one verb a process, one verb a question."""

import asyncio

import click
import uvloop

from consumers.process import ConsumerSettings, run_consumer
from onboarding.document_commands import docs
from onboarding.gap_commands import accept, gaps
from onboarding.logs import set_up_logs
from onboarding.operations_commands import find, recount, status, totals
from onboarding.run_command import run
from onboarding.settings import SettingError, Settings, read_settings
from onboarding.upstream_commands import check, publish, simulate
from streams.process import WorkerSettings, run_worker


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
    Its processes:      consume, total
    For upstream:       check, publish, simulate
    For operators:      status, totals, find, recount, gaps, accept-gap
    """
    set_up_logs()


@main.command()
def consume() -> None:
    """Record every event in Postgres: one consumer process.

    Any number of them share the partitions. It waits for Kafka and Postgres when they are away, creates topics and
    schema where they are missing, and serves /metrics, /healthz and /readyz on ONBOARDING_CONSUMER_PORT.
    """
    settings = read_settings()
    uvloop.run(run_consumer(_consumer_settings(settings)))


@main.command()
def total() -> None:
    """Keep and show the totals: one stream worker.

    One worker is active, any other stands by and takes over. It serves the totals for Prometheus as /metrics on
    ONBOARDING_TOTALS_PORT, with /healthz and /readyz.
    """
    settings = read_settings()
    asyncio.run(run_worker(_worker_settings(settings)))


def _consumer_settings(settings: Settings) -> ConsumerSettings:
    """Pick what a consumer process must be told."""
    return ConsumerSettings(
        bootstrap=settings.kafka_bootstrap_servers,
        database_url=str(settings.database_url),
        replication_factor=settings.onboarding_replication_factor,
        backup_seconds_max=settings.onboarding_backup_days_max * 86_400,
        http_host=settings.onboarding_http_host,
        http_port=settings.onboarding_consumer_port,
    )


def _worker_settings(settings: Settings) -> WorkerSettings:
    """Pick what a stream worker must be told."""
    return WorkerSettings(
        bootstrap=settings.kafka_bootstrap_servers,
        replication_factor=settings.onboarding_replication_factor,
        http_host=settings.onboarding_http_host,
        http_port=settings.onboarding_totals_port,
    )


for command in (run, check, publish, simulate, status, totals, find, recount, gaps, accept, docs):
    main.add_command(command)
