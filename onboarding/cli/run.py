"""`onboarding run`: everything on one machine, the national history through the whole path, and the proof."""

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from aiokafka.errors import KafkaError
from rich.console import Console

from ledger.sqlstates import ERRORS
from ledger.unavailable import UnavailableError
from models.visible import hide_secrets
from onboarding.cli._parameters import scale_option
from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.embedded.locks import lock_state
from onboarding.local.proof import NotProvedError, prove
from onboarding.local.servers import NoServerError, running_servers
from onboarding.local.workers import Worker, restart_ended, running
from onboarding.settings import ADDRESSES_FILE, Settings, read_environment
from runtime.ending import interrupt_on_signals
from upstream.publishing.publisher import PublishError

_WATCH_SECONDS: Final = 1.0
_READY_POLL_SECONDS: Final = 0.2
# 60 s: ten times what a worker takes to be ready on two idle cores.
_READY_SECONDS_MAX: Final = 60.0


class RunError(click.ClickException):
    """What a person has to know when `run` cannot go on."""

    exit_code = 2


@click.command()
@click.option("--exit", "ending", is_flag=True, help="End after the proof; exit code 0 only if every total is exact.")
@scale_option
def run(*, ending: bool, scale: int) -> None:
    """Run the whole system here: Kafka, Postgres, our processes, and an invented history of the country.

    The servers are real ones from Python packages, kept in ./var between runs. KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL
    name servers of your own instead. A second run publishes the same history again and counts nothing twice.

    \b
    Example:
      onboarding run --exit
    """  # noqa: D301 - click's \b keeps the example's lines apart
    console = Console(stderr=True)
    settings = read_environment()
    interrupt_on_signals()
    proofs: list[bool] = []
    try:
        _run(settings, console, proofs, ending=ending, scale=scale)
    except (
        EmbeddedServerError,
        NoServerError,
        NotProvedError,
        PublishError,
        UnavailableError,
        KafkaError,
        *ERRORS,
    ) as error:
        raise RunError(str(error)) from error
    except KeyboardInterrupt:
        console.print("stopped" if proofs else "stopped before anything was proved")
    raise SystemExit(0 if proofs == [True] else 1)


def _run(settings: Settings, console: Console, proofs: list[bool], *, ending: bool, scale: int) -> None:
    """Start everything, prove the totals, serve unless it is to end.

    proofs -- is given whether every total was exact
    """
    with lock_state(settings.onboarding_state_dir), running_servers(settings, console.print) as found:
        workers = _make_workers(found)
        with running(workers), _written_addresses(found):
            _await_ready(workers, console)
            proofs.append(asyncio.run(prove(found, scale, console)))
            if not ending:
                _serve(found, workers, console)


def _describe(settings: Settings) -> Mapping[str, str]:
    """Return the settings that another process needs to find this run, as environment variables."""
    return {
        "ONBOARDING_ENVIRONMENT": settings.onboarding_environment,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "DATABASE_URL": settings.database_url,
        "ONBOARDING_CONSUMER_PORT": str(settings.onboarding_consumer_port),
        "ONBOARDING_TOTALS_PORT": str(settings.onboarding_totals_port),
        "ONBOARDING_AUDIT_PORT": str(settings.onboarding_audit_port),
        "ONBOARDING_TOTALS_URL": settings.onboarding_totals_url,
    }


def _make_workers(settings: Settings) -> list[Worker]:
    """Return the processes of ours, each told where the servers are."""
    logs, environment = settings.onboarding_state_dir / "logs", _describe(settings)
    return [
        Worker("the consumer", "consume", settings.onboarding_consumer_port, logs / "consumer.log", environment),
        Worker("the stream worker", "total", settings.onboarding_totals_port, logs / "totals.log", environment),
        Worker("the auditor", "audit", settings.onboarding_audit_port, logs / "audit.log", environment),
    ]


@contextmanager
def _written_addresses(settings: Settings) -> Iterator[None]:
    """Leave the addresses where the other commands look for them; they hold a password, so only we may read them."""
    file = settings.onboarding_state_dir / ADDRESSES_FILE
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={value}\n" for name, value in _describe(settings).items()), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _await_ready(workers: Sequence[Worker], console: Console) -> None:
    """Wait until every worker does its work; one that ends is started again. Raises RunError after a minute."""
    began = time.monotonic()
    with console.status("starting the consumer, the stream worker and the auditor"):
        while not all(worker.ready for worker in workers):
            restart_ended(workers, console.print)
            if time.monotonic() - began > _READY_SECONDS_MAX:
                late = next((worker for worker in workers if not worker.ready), workers[0])
                raise RunError(f"{late.name} did not become ready; its log says why: {late.log_path}")
            time.sleep(_READY_POLL_SECONDS)
    console.print(f"The consumer, the stream worker and the auditor: ready after {time.monotonic() - began:.1f} s")


def _serve(settings: Settings, workers: Sequence[Worker], console: Console) -> None:
    """Say where everything is, and watch over the workers until Ctrl-C."""
    console.print(_addresses(settings), soft_wrap=True, highlight=False)
    while True:
        restart_ended(workers, console.print)
        time.sleep(_WATCH_SECONDS)


def _addresses(settings: Settings) -> str:
    """Return where everything is, for a person."""
    return f"""
Kafka                {settings.kafka_bootstrap_servers}
Totals for Prometheus  {hide_secrets(settings.onboarding_totals_url)}
The machinery        http://127.0.0.1:{settings.onboarding_consumer_port}/metrics
Logs                 {settings.onboarding_state_dir / "logs"}

In another terminal, in this folder:
  {Path(sys.executable).parent / "onboarding"} status | totals | doctor | recount | find EVENT_ID
Ctrl-C stops everything and keeps the data."""
