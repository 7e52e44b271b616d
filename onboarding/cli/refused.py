"""What an operator types about refused records: `refused list`, `show`, `export` and `replay`."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from ledger.decisions.replay import Replayed, replay
from ledger.decisions.writer import open_writer
from models.calendar import VIETNAM
from models.events import SOURCES
from models.outcomes import Reason
from models.visible import visible
from onboarding.cli._answers import answer, make_error_console, read_url
from onboarding.cli._answers import show as show_result
from onboarding.cli._files import CommandError, create_private
from onboarding.cli._parameters import TopicType, signed_by
from onboarding.cli._progress import show_progress
from onboarding.cli._waiting import note_when_long
from operations.refused import reading as kept
from operations.refused.reading import Wanted
from operations.refused.screen import UNKNOWN, describe_record, tabulate_groups, tabulate_records

_MOMENT: Final = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])
_STILL: Final = "still refused"
_REASONS: Final = click.Choice([reason.value for reason in Reason])
_SOURCES: Final = click.Choice([*sorted(SOURCES), UNKNOWN])


def _in_vietnam(_context: click.Context, _parameter: click.Parameter, moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=VIETNAM)


def _source(_context: click.Context, _parameter: click.Parameter, source: str | None) -> str | None:
    return "" if source == UNKNOWN else source


_FILTERS: Final = (
    click.option("--reason", type=_REASONS, metavar="REASON", help="Refused for this reason."),
    click.option("--topic", type=TopicType(), metavar="TOPIC", help="Published to this topic."),
    click.option(
        "--source",
        type=_SOURCES,
        callback=_source,
        metavar="SOURCE",
        help=f'Naming this upstream system; "{UNKNOWN}" where it names none.',
    ),
    click.option(
        "--since",
        type=_MOMENT,
        callback=_in_vietnam,
        metavar="MOMENT",
        help="Appended at or after this moment in Vietnam: YYYY-MM-DD, or YYYY-MM-DDTHH:MM[:SS].",
    ),
    click.option(
        "--until", type=_MOMENT, callback=_in_vietnam, metavar="MOMENT", help="Appended before this moment in Vietnam."
    ),
)


def _filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options by which refused records are chosen."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.group()
def refused() -> None:
    """List refused records, look at one, export them, put them through again.

    A record that is no event the contract allows is not counted; it is kept as it came, with its reason.
    docs/reference.md lists every REASON, TOPIC and SOURCE, and completion offers them.
    """


@refused.command("list")
@_filtered
@click.option("--resolved/--unresolved", default=None, help="Only those that are counted by now, or are not.")
@click.option("--each", is_flag=True, help="Show each record, newest first, instead of how many there are.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="With --each: how many at most.")
def list_(*, each: bool, limit: int, **filters: Any) -> None:  # noqa: ANN401 - the options of `_filtered`
    """Count refused records by topic, source and reason, or show each.

    Ends with 1 while one is unresolved, with 2 when Postgres does not answer.

    \b
    Examples:
      onboarding refused list
      onboarding refused list --reason time_in_future --since 2026-05-02 --each
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    url, wanted = read_url(), Wanted(**filters)
    if each:
        records = answer(kept.list_records(url, wanted, limit))
        show_result(tabulate_records(records))
        sys.exit(1 if any(record.outcome is None for record in records) else 0)
    groups = answer(note_when_long(kept.list_groups(url, wanted), "counting refused records"))
    show_result(tabulate_groups(groups))
    sys.exit(1 if any(group.unresolved for group in groups) else 0)


@refused.command()
@click.argument("refused_id", metavar="ID", type=click.IntRange(1))
def show(refused_id: int) -> None:
    """Show one refused record: where it was, why it is refused, and the shape of its fields.

    Values of the contract's registers, times and UUIDs are shown; of every other text only its shape: "a" stands for
    a letter, "9" for a digit. Nothing personal is shown.

    Ends with 2 when there is no such record, or Postgres does not answer.

    \b
    Example:
      onboarding refused show 17
    """  # noqa: D301 - click's \b keeps the example's lines apart
    found = answer(kept.read_one(read_url(), refused_id))
    if found is None:
        raise CommandError(f"no refused record has the id {refused_id}: `onboarding refused list --each`")
    record, fields = found
    for line in (*describe_record(record), *(f"  {name}: {shown}" for name, shown in fields)):
        click.echo(line)


@refused.command()
@_filtered
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path, **filters: Any) -> None:  # noqa: ANN401 - see above
    """Write refused records to a FILE, one line of JSON each, for the upstream system to mend and publish again.

    Key, value and headers are in base64, as they came but for what was masked. They may hold what is personal: the
    file can be read by its owner alone, and is not written over an older one.

    \b
    Example:
      onboarding refused export --source urn:vn:project06:portal:health health.jsonl
    """  # noqa: D301 - click's \b keeps the example's lines apart
    with create_private(str(file)) as lines:
        written = answer(_export(read_url(), Wanted(**filters), lines.write))
    click.echo(f"{written:,} refused records written to {visible(str(file))}")


@refused.command("replay")
@_filtered
@click.argument("ids", metavar="[ID]...", type=click.IntRange(1), nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every one that is unresolved and fits the other options.")
@signed_by
def replay_(ids: Sequence[int], *, everything: bool, by: str, **filters: Any) -> None:  # noqa: ANN401 - see above
    """Put refused records through the present code again, each in one transaction.

    What is an event by now is counted, once, however often this is called, and is marked as resolved: by whom, when,
    and with which outcome. The totals follow within 5 seconds. What is refused still stays as it is, and so does what
    was masked when it was kept: its upstream system must publish it again.

    Ends with 1 when one of them stays refused, with 2 when Postgres does not answer.

    \b
    Examples:
      onboarding refused replay 17 18
      onboarding refused replay --all --reason province_unknown
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    if bool(ids) == everything:
        raise click.UsageError("name the records by their IDs, or all that fit with --all; not both")
    try:
        seen = answer(_replay_all(read_url(), ids, Wanted(**filters, resolved=False), by))
    except LookupError as error:
        raise CommandError(str(error)) from error
    for what, records in sorted(seen.items()):
        click.echo(f"{records:,} {what}")
    if not seen:
        click.echo("there is nothing to put through again")
    sys.exit(1 if any(what.startswith(_STILL) for what in seen) else 0)


async def _replay_all(url: str, ids: Sequence[int], wanted: Wanted, by: str) -> Counter[str]:
    """Put records through again with progress; return how many came to what."""
    chosen = ids or await kept.list_ids(url, wanted)
    seen: Counter[str] = Counter()
    with show_progress("put through", len(chosen), make_error_console(), time.monotonic) as report:
        async with open_writer(url) as connection:
            for done, refused_id in enumerate(chosen, 1):
                seen[_tell(await replay(connection, refused_id, by))] += 1
                report(done)
    return seen


def _tell(replayed: Replayed) -> str:
    """Say what became of a record."""
    if replayed.obstacle:
        return f"{_STILL}: {replayed.obstacle}"
    return f"{replayed.outcome}{'' if replayed.is_news else ', resolved before'}"


async def _export(url: str, wanted: Wanted, write: Callable[[str], object]) -> int:
    """Write every record as a line with progress; return how many."""
    written, total = 0, await kept.count_records(url, wanted)
    with show_progress("written", total, make_error_console(), time.monotonic) as report:
        async for line in kept.export(url, wanted):
            write(f"{line}\n")
            written += 1
            report(written)
    return written
