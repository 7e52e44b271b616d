"""`make interop`: what SDKs and Kafka clients of four languages write is counted."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from benchmarks.peers.builds import UnavailableError
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer
from tests.containers.session import open_session
from tests.interop.clients import CLIENTS, Client
from tests.interop.plan import plan_rows, plan_sendings
from tests.interop.programs import BUILDS, Program
from tests.interop.run import Found, run
from tests.interop.sending import Sender
from tests.interop.table import describe_clients, tabulate

# 150 columns: the table in a file or a pipe, where there is no terminal to fit it into.
_CONSOLE: Final = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


@click.command()
@click.option("--only", multiple=True, metavar="WORDS", help="Only clients or languages with these words; repeatable.")
@click.option(
    "--events", default=40, show_default=True, help="How many events each client sends in each codec and mode."
)
def main(only: tuple[str, ...], events: int) -> None:
    """Send events with the official SDKs of four languages, in each codec and mode, and look for each in the ledger.

    Ends with 0 only when every event is counted exactly once. Logs and what was sent go to a new folder in var/interop.
    """
    clients = _choose(only)
    programs = _build(clients)
    folder = Path("var/interop") / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    folder.mkdir(parents=True)
    lacking = {client.name: programs[client.language].lacking for client in clients}
    senders = _plan(clients, programs, lacking, events)
    _tell("starting a broker and a database")
    with open_session(), KafkaBroker() as broker, PostgresServer() as postgres:
        found = asyncio.run(run(senders, broker, postgres, folder.absolute(), _tell))
    _conclude(found, folder, [*describe_clients(clients, lacking)])
    sys.exit(found.exit_code)


def _choose(only: Sequence[str]) -> list[Client]:
    """Return the clients that are asked for. Raises UsageError when there are none."""
    chosen = [
        client for client in CLIENTS if not only or any(words in f"{client.language} {client.name}" for words in only)
    ]
    if not chosen:
        raise click.UsageError("--only fits none of these: " + "; ".join(client.name for client in CLIENTS))
    return chosen


def _build(clients: Sequence[Client]) -> dict[str, Program]:
    """Build the senders, by language. Raises ClickException, with what to install, when one cannot be had."""
    languages = dict.fromkeys(client.language for client in clients)
    try:
        return {language: BUILDS[language](_tell) for language in languages}
    except UnavailableError as error:
        raise click.ClickException(str(error)) from None


def _plan(
    clients: Sequence[Client], programs: Mapping[str, Program], lacking: Mapping[str, Mapping[str, str]], events: int
) -> list[Sender]:
    """Return each language's sender with what it is to send."""
    return [
        Sender(language, programs[language].command, plan_sendings(plan_rows(group, lacking), events))
        for language, group in groupby(clients, key=attrgetter("language"))
    ]


def _conclude(found: Found, folder: Path, remarks: Sequence[str]) -> None:
    """Print the table, what there is to say of clients, what is wrong, and the sum of it."""
    _CONSOLE.print(tabulate(found.verdicts))
    for line in (*remarks, *found.faults):
        _CONSOLE.print(line, soft_wrap=True, markup=False)
    if found.seen.refusals:
        path = folder / "refused.txt"
        path.write_text("".join(f"{refusal.describe()}\n" for refusal in found.seen.refusals), encoding="utf-8")
        _CONSOLE.print(f"what was refused, as it was sent: {path}", soft_wrap=True, markup=False)
    sent, counted = (sum(getattr(each, name) for each in found.verdicts) for name in ("sent", "counted"))
    _tell(f"{len(found.verdicts)} rows: {sent:,} events sent, {counted:,} counted once; logs: {folder}")


def _tell(line: str) -> None:
    """Say how far it is."""
    click.echo(f"interop: {line}")


if __name__ == "__main__":
    main()
