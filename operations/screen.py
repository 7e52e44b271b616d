"""The screen of `status`: progress and outcomes of each topic, the processes, what is wrong and what to type next."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from models.calendar import VIETNAM
from operations.ages import describe_age
from operations.drift import OUTCOMES
from operations.status import Fault, ProcessStatus, State, Status, find_faults

# 3: the first ones are nearly always all that matter.
_REASONS_MAX: Final = 3
# 8: with the two tables of eight topics and three processes that is a terminal of 40 lines.
_FAULTS_MAX: Final = 8
# Every topic's name begins with it.
_PREFIX: Final = "onboarding."
_STYLES: Final = {State.OK: "green", State.BEHIND: "yellow", State.PAUSED: "yellow"}
_WRONG: Final = "red"


def render_status(status: Status) -> Group:
    """Return what is shown, from top to bottom."""
    window = status.window.total_seconds()
    return Group(
        Text(f"as of {status.at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S} (Vietnam), rates of the last {window:.1f} s"),
        _render_progress(status),
        _render_outcomes(status),
        *map(_render_process, status.processes),
        *_conclude(status, find_faults(status)),
    )


def _render_progress(status: Status) -> Table:
    """Show how far each topic is recorded, and how soon."""
    table = _new_table("topic", "state", "lag", "newest counted", "records/s", "last commit")
    for topic in status.topics:
        state, lag = topic.state(status.at), topic.lag
        table.add_row(
            topic.kind.topic.removeprefix(_PREFIX),
            Text(state, _STYLES.get(state, _WRONG)),
            "unknown" if lag is None else f"{lag:,}",
            _describe_age(topic.newest_at, status.at),
            f"{topic.rate:,.0f}",
            _describe_age(topic.updated_at, status.at),
        )
    return table


def _render_outcomes(status: Status) -> Table:
    """Show what became of the records of each topic."""
    table = _new_table("topic", "consumed", *OUTCOMES, "refused in 1 h")
    for topic in status.topics:
        counts = (f"{topic.outcomes[name]:,}" for name in ("consumed", *OUTCOMES))
        table.add_row(topic.kind.topic.removeprefix(_PREFIX), *counts, f"{topic.refused_lately:,}")
    return table


def _render_process(process: ProcessStatus) -> Text:
    """Say whether a process is ready, in its own words."""
    name = f"{process.name:<14} "
    if process.answer is None:
        return Text.assemble(name, ("does not answer", _WRONG))
    said = Text.assemble(name, ("ready", "green") if process.ready else ("not ready", _WRONG))
    return said.append(", ".join(["", process.answer.text.strip(), *filter(None, [process.note])]))


def _conclude(status: Status, faults: Sequence[Fault]) -> Iterator[Text]:
    """Yield what is refused and what is wrong, and last of all what to type next."""
    reasons = sum((topic.reasons for topic in status.topics), Counter[str]())
    if reasons:
        yield Text(f"{reasons.total():,} records are refused: {_describe_reasons(reasons)}; `onboarding refused list`")
    for fault in faults[:_FAULTS_MAX]:
        yield Text(f"wrong: {fault.text}", _WRONG)
    if len(faults) > _FAULTS_MAX:
        yield Text(f"and {len(faults) - _FAULTS_MAX:,} more", _WRONG)
    yield Text(f"type next: {faults[0].command}" if faults else "all is fine", "bold")


def _describe_reasons(reasons: Counter[str]) -> str:
    """Name the most frequent reasons, the same ones first on every run."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{reason} {records:,}" for reason, records in ordered[:_REASONS_MAX])
    return f"{named}, ..." if len(ordered) > _REASONS_MAX else named


def _describe_age(moment: datetime | None, now: datetime) -> str:
    return "-" if moment is None else f"{describe_age((now - moment).total_seconds())} ago"


def _new_table(first: str, *others: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
