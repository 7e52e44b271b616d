"""What an upstream developer types: `check`, `publish` and `simulate`."""

import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final

import click
from rich.console import Console

from models.codec import Accepted
from models.outcomes import Refused
from onboarding.cli._files import STANDARD_STREAM, CommandError, open_bytes, open_to_write
from onboarding.cli._parameters import scale_option
from onboarding.settings import SettingError, read_settings
from upstream.check import Checked, check_lines, explain
from upstream.figures import figures
from upstream.history import history
from upstream.lines import read_lines
from upstream.outgoing import Outgoing
from upstream.progress import Report, show_progress
from upstream.publisher import PublishError
from upstream.publisher import publish as publish_records

# 1,000 records between two looks at the clock: some 10 ms.
_REPORT_EVERY: Final = 1_000


@click.command(short_help="Say line by line what would be refused, without a broker.")
@click.argument("file", metavar="FILE")
def check(file: str) -> None:
    """Say line by line what would be refused and why, without a broker.

    FILE holds one event a line: a CloudEvent 1.0 in JSON (structured mode); "-" is standard input. Each line is judged
    as if it were appended now with its subject as key. No value of an event is shown.

    Ends with 1 when a line would be refused, with 2 when the file cannot be read.

    \b
    Example:
      onboarding check events.jsonl
    """  # noqa: D301 - click's \b keeps the example's lines apart
    seen: Counter[str] = Counter()
    with open_bytes(file) as lines:
        for checked in _check(lines):
            seen.update([_class_of(checked)])
            if not isinstance(checked.outcome, Accepted):
                click.echo(explain(checked))
    click.echo(_summarise(seen))
    if seen["refused"]:
        sys.exit(1)


@click.command(short_help="Publish events from a file or standard input.")
@click.argument("file", metavar="[FILE|-]", default=STANDARD_STREAM)
def publish(file: str) -> None:
    """Publish events from a file or standard input.

    One event a line: a CloudEvent 1.0 in JSON (structured mode). The topic follows from its type, the record key is its
    subject. Each line is checked first; what would be refused or is a duplicate within the input is told and not
    sent. Every event sent is acknowledged by all in-sync replicas (acks=all, idempotent). When Kafka is away the
    command waits for it. To send a file twice does no harm: every event is counted once.

    Kafka is found by KAFKA_BOOTSTRAP_SERVERS. Ends with 1 when a line was held back, with 2 when the command failed.

    \b
    Examples:
      onboarding publish events.jsonl
      my-export | onboarding publish
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    console = Console(stderr=True, highlight=False, markup=False)
    seen: Counter[str] = Counter()
    with open_bytes(file) as lines:
        sent = _publish(_pass_counted(_check(lines), seen, console), None, console)
    click.echo(f"published {sent:,} events; {_summarise(seen)}")
    if seen.total() > sent:
        sys.exit(1)


@click.command(short_help="Publish an invented national history with the published totals.")
@scale_option
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed gives the same events."
)
@click.option("--to-file", metavar="FILE|-", help="Write JSON lines to a file or standard output; needs no Kafka.")
def simulate(scale: int, seed: int, to_file: str | None) -> None:
    """Publish an invented national history with the published totals.

    75,160,000 identity records, 53,880,000 accounts activated and 150,000 logins a day over 161 days, to 9 June 2024,
    divided by the scale: growth over the months, provinces by population, the pattern of the week. Nobody in it is
    real. To publish the same seed and scale twice counts nothing twice.

    Kafka is found by KAFKA_BOOTSTRAP_SERVERS. Ends with 2 when the command failed.

    \b
    Examples:
      onboarding simulate --scale 1000
      onboarding simulate --scale 100000 --to-file history.jsonl
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    console = Console(stderr=True, highlight=False, markup=False)
    totals = figures(scale)
    outgoing = history(scale, seed)
    if to_file is None:
        _publish(outgoing, sum(totals.values()), console)
    else:
        _write(outgoing, to_file, sum(totals.values()), console)
    parts = ", ".join(f"{total:,} {name}" for name, total in totals.items())
    click.echo(f"simulated {sum(totals.values()):,} events: {parts}", err=to_file == STANDARD_STREAM)


def _publish(outgoing: Iterator[Outgoing], total: int | None, console: Console) -> int:
    """Send records to the Kafka of the settings, showing how far it is."""
    # Its own lines repeat on each attempt what this command says once, and name no setting.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        bootstrap = read_settings().kafka_bootstrap_servers
        with show_progress("published", total, console, time.monotonic) as report:
            return asyncio.run(publish_records(bootstrap, outgoing, report, console.print))
    except (SettingError, PublishError) as error:
        raise CommandError(str(error)) from error


def _write(outgoing: Iterable[Outgoing], path: str, total: int, console: Console) -> None:
    """Write records as JSON lines, showing how far it is."""
    with open_to_write(path) as file, show_progress("written", total, console, time.monotonic) as report:
        for count, record in enumerate(outgoing, 1):
            file.write(record.value + b"\n")
            _report_now_and_then(report, count, total)


def _report_now_and_then(report: Report, count: int, total: int) -> None:
    """Report a count every so often, and the last one."""
    if count % _REPORT_EVERY == 0 or count == total:
        report(count)


def _check(file: BinaryIO) -> Iterator[Checked]:
    """Judge the lines of a file as of now."""
    return check_lines(read_lines(file), lambda: datetime.now(UTC))


def _pass_counted(lines: Iterable[Checked], seen: Counter[str], console: Console) -> Iterator[Outgoing]:
    """Yield the records that would be counted; tell of the others, and count both."""
    for checked in lines:
        seen.update([_class_of(checked)])
        if not isinstance(checked.outcome, Accepted):
            console.print(explain(checked), soft_wrap=True)
        if checked.is_counted:
            yield checked.outgoing


def _class_of(checked: Checked) -> str:
    """Return the class a line is summed up in."""
    if checked.is_counted:
        return "counted"
    return "refused" if isinstance(checked.outcome, Refused) else "duplicates"


def _summarise(seen: Counter[str]) -> str:
    """Return one line that sums up the lines of a file."""
    parts = ", ".join(f"{name} {seen[name]:,}" for name in ("counted", "duplicates", "refused"))
    return f"{seen.total():,} lines: {parts}"
