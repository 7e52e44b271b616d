"""The figures of a latency measurement as a table: a column a rate, and how they are to be read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.table import Table

from benchmarks.latency.figures import Latency

# The goals: p99 in milliseconds, by rate. Told beside what was measured, and decides nothing.
_GOALS: Final = {1_000: 250, 20_000: 1_000}
# 1 s behind at the end: the publisher could not keep the schedule, and with it everything else was late.
_BEHIND_SECONDS_MAX: Final = 1.0
_RULE: Final = (
    "Milliseconds from when an event was due to be published, whether or not the publisher was late, until an answer "
    "of /metrics had arrived whose total included as many events of its kind as had been due by then."
)

Cell = Callable[[Latency], str]


def tabulate(measured: Sequence[Latency]) -> Table:
    """Return the percentiles, the goals, and what belongs to their reading."""
    table = Table("", *(f"{each.rate:,}/s" for each in measured), caption=_RULE)
    for name, cell in _make_rows(measured[0]).items():
        table.add_row(name, *map(cell, measured))
    return table


def _make_rows(first: Latency) -> dict[str, Cell]:
    """Return every row's name and what makes a cell of it."""
    return {
        "events": lambda each: f"{each.events:,}",
        **{f"{name}, ms": _make_percentile(name) for name in first.milliseconds},
        "goal for p99, ms": lambda each: f"{_GOALS[each.rate]:,}" if each.rate in _GOALS else "",
        "publisher late, p50 / p99, ms": lambda each: _pair(each.late_milliseconds),
        "publisher's schedule": judge_schedule,
        "/metrics read every, p50 / p99, ms": lambda each: _pair(each.reading_milliseconds),
        **{f"{name}: processors, MB": _make_use(name) for name in first.processor_shares},
        "idle, stolen by the host": lambda each: (
            f"{each.machine_shares['idle']:.0%}, {each.machine_shares['stolen']:.0%}"
        ),
        "processes that disturb": lambda each: f"{_find_others(each):.0%}",
    }


def judge_schedule(measured: Latency) -> str:
    """Say whether the publisher kept its schedule."""
    if measured.behind_seconds < _BEHIND_SECONDS_MAX:
        return "kept"
    return f"not kept: {measured.behind_seconds:.1f} s behind at the end"


def _make_percentile(name: str) -> Cell:
    """Return what makes the cell of a percentile."""
    return lambda each: f"{each.milliseconds[name]:,.0f}"


def _make_use(name: str) -> Cell:
    """Return what makes the cell of what somebody used of the machine."""
    return lambda each: f"{each.processor_shares[name]:.0%}, {each.megabytes[name]:,.0f}"


def _find_others(measured: Latency) -> float:
    """Return the part of all processors that went to what has nothing to do with the measurement."""
    known = sum(measured.processor_shares.values()) + sum(measured.machine_shares.values())
    return max(0.0, 1 - known)  # a hundredth too many, by the kernel's clock ticks, is none


def _pair(milliseconds: Mapping[str, float]) -> str:
    """Return the middle and the tail."""
    return f"{milliseconds['p50']:,.1f} / {milliseconds['p99']:,.1f}"
