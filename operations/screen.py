"""The screen of `status`: one table of progress, one of outcomes, then the processes and what is wrong."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from models.calendar import VIETNAM
from operations.drift import OUTCOMES
from operations.status import ProcessStatus, Status, TopicStatus, find_faults

# 3: a screen has room for no more, and the first three are nearly always all that matter.
_REASONS_MAX: Final = 3
_MINUTE_SECONDS: Final = 60
_HOUR_SECONDS: Final = 3_600
_DAY_SECONDS: Final = 86_400


def render_status(status: Status) -> Iterator[RenderableType]:
    """Yield what is printed, from top to bottom."""
    yield _render_progress(status)
    yield _render_outcomes(status)
    for process in status.processes:
        yield Text(f"{process.name}: {_describe_process(process)}")
    faults = find_faults(status)
    yield from (Text(f"wrong: {fault}") for fault in faults)
    if not faults:
        yield Text("all is fine")


def describe_age(seconds: float) -> str:
    """Write an age in the unit that suits it."""
    for unit, name in ((_DAY_SECONDS, "d"), (_HOUR_SECONDS, "h"), (_MINUTE_SECONDS, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{max(seconds, 0):.0f} s"


def _render_progress(status: Status) -> Table:
    """Show how far each topic is recorded."""
    table = _new_table("topic", "recorded to", "end", "lag", "newest counted", "last commit")
    for topic in status.topics:
        lag = topic.lag
        table.add_row(
            topic.kind.topic,
            f"{topic.next_offset:,}",
            "unknown" if lag is None else f"{topic.next_offset + lag:,}",
            "unknown" if lag is None else f"{lag:,}",
            _describe_moment(topic.newest_at, status.at),
            _describe_age(topic.updated_at, status.at),
        )
    return table


def _render_outcomes(status: Status) -> Table:
    """Show what became of the records of each topic."""
    table = _new_table("topic", "consumed", *OUTCOMES, "top reasons")
    for topic in status.topics:
        counts = (f"{topic.outcomes[name]:,}" for name in ("consumed", *OUTCOMES))
        table.add_row(topic.kind.topic, *counts, _describe_reasons(topic))
    return table


def _describe_reasons(topic: TopicStatus) -> str:
    """Name the most frequent reasons, the same ones first on every run."""
    ordered = sorted(topic.reasons.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {records:,}" for reason, records in ordered[:_REASONS_MAX]) or "-"


def _describe_moment(moment: datetime | None, now: datetime) -> str:
    """Write a moment in Vietnam with its age."""
    written = "" if moment is None else f"{moment.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}, "
    return written + _describe_age(moment, now)


def _describe_age(moment: datetime | None, now: datetime) -> str:
    return "-" if moment is None else f"{describe_age((now - moment).total_seconds())} ago"


def _describe_process(process: ProcessStatus) -> str:
    """Say whether a process is ready, in its own words."""
    if process.answer is None:
        return "unreachable"
    return f"{'ready' if process.ready else 'not ready'}, {process.answer.text.strip()}"


def _new_table(first: str, *others: str) -> Table:
    table = Table()
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
