"""The screen of `status`: progress and outcomes of each topic, the processes, what is wrong and what to type next."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table
from rich.text import Text

from models.topics import PREFIX
from operations.moments import describe_age, write_second
from operations.recount.drift import OUTCOMES
from operations.status.system import ProcessStatus, State, Status
from operations.status.verdict import Matter, Severity, judge

# 8: with the two tables of eight topics and three processes that is a terminal of 40 lines.
_MATTERS_MAX: Final = 8
# What nobody has counted since is not known.
_FINE: Final = "all is fine, as far as the last recount knows; `onboarding recount` counts every number again now"
_STYLES: Final = {State.OK: "green", State.BEHIND: "yellow", State.PAUSED: "yellow"}
_WRONG: Final = "red"


def render_status(status: Status) -> Group:
    """Return what is shown: the verdict at the top, of which a small terminal cuts nothing off."""
    return Group(_render_moment(status), *_conclude(judge(status)), _render_tables(status))


def _render_moment(status: Status) -> Text:
    window = status.window.total_seconds()
    return Text(f"as of {write_second(status.at)} (Vietnam), rates of the last {window:.1f} s")


def _render_tables(status: Status) -> Group:
    return Group(_render_progress(status), _render_outcomes(status), *map(_render_process, status.processes))


def _render_progress(status: Status) -> Table:
    """Show how far each topic is recorded, and how soon."""
    table = _new_table("topic", "state", "lag", "newest counted", "records/s", "last commit")
    for topic in status.topics:
        state, lag = topic.state(status.at), topic.lag
        table.add_row(
            topic.kind.topic.removeprefix(PREFIX),
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
        table.add_row(topic.kind.topic.removeprefix(PREFIX), *counts, f"{topic.refused_lately:,}")
    return table


def _render_process(process: ProcessStatus) -> Text:
    """Say whether a process is ready, in its own words."""
    name = f"{process.name:<14} "
    if process.answer is None:
        return Text.assemble(name, ("does not answer", _WRONG))
    said = Text.assemble(name, ("ready", "green") if process.ready else ("not ready", _WRONG))
    return said.append(", ".join(["", process.answer.text.strip(), *filter(None, [process.note])]))


def _conclude(matters: Sequence[Matter]) -> Iterator[Text]:
    """Yield what is wrong and what is to be decided, and last of all what to type next."""
    for matter in matters[:_MATTERS_MAX]:
        yield Text(f"{matter.severity}: {matter.text}", _WRONG if matter.severity is Severity.WRONG else "yellow")
    if len(matters) > _MATTERS_MAX:
        yield Text(f"and {len(matters) - _MATTERS_MAX:,} more", _WRONG)
    yield Text(f"type next: {matters[0].command}" if matters else _FINE, "bold")


def _describe_age(moment: datetime | None, now: datetime) -> str:
    return "-" if moment is None else f"{describe_age((now - moment).total_seconds())} ago"


def _new_table(first: str, *others: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
