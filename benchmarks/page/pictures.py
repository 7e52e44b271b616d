"""Pictures of what was measured, as SVG: the same results always give the same bytes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import log10
from pathlib import Path
from typing import Any, Final

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # it has no types
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

from benchmarks.candidates import LIMITS, PRODUCT
from benchmarks.page.compare import rank
from benchmarks.page.curve import find_axes, find_series
from benchmarks.page.result import Result
from benchmarks.page.stages import group
from benchmarks.page.text import show
from benchmarks.stages.table import STAGES

Draw = Callable[[Result, Path], None]

# Colours that colour-blind people tell apart (M. Okabe and K. Ito, "Color Universal Design", 2008).
_BLUE: Final = "#0072B2"
_ORANGE: Final = "#E69F00"
_GREEN: Final = "#009E73"
_RED: Final = "#D55E00"
_SKY: Final = "#56B4E9"
_PINK: Final = "#CC79A7"
_YELLOW: Final = "#F0E442"
_GREY: Final = "#999999"
_COLOURS: Final = (_BLUE, _ORANGE, _GREEN, _RED, _SKY, _PINK, _YELLOW)
_STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "onboarding",  # else the ids in the file are random
    "svg.fonttype": "none",  # text stays text: small, and it can be read by a machine
    "font.size": 10.0,
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],  # every text of the file names them
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "legend.frameon": False,
}
# The stage of a process that is not profiled.
ALL: Final = ""
# Inches: as wide as a page of documentation.
_WIDTH: Final = 8.0
_PANEL_HEIGHT: Final = 2.2
_PANEL_TICKS_MAX: Final = 4
_MINUTE: Final = 60
_MILLION: Final = 1e6
_MILLISECOND: Final = 1_000.0  # µs
# A smooth line.
_STEPS_A_DECADE: Final = 20
_PERCENTILES: Final = (50.0, 90.0, 99.0, 99.9, 99.99)


@contextmanager
def draw(path: Path, height: float) -> Iterator[Axes]:
    """Give empty axes, and write them to a file after the block."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained", facecolor="white")
        yield figure.subplots()
        _write(figure, path)


@contextmanager
def draw_grid(path: Path, rows: int, columns: int) -> Iterator[Sequence[Sequence[Axes]]]:
    """Give panels in rows and columns, and write them to a file after the block."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, _PANEL_HEIGHT * rows), layout="constrained", facecolor="white")
        yield figure.subplots(rows, columns, squeeze=False).tolist()
        _write(figure, path)


def _write(figure: Figure, path: Path) -> None:
    """Write a figure without what differs from day to day."""
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def draw_compare(result: Result, path: Path) -> None:
    """Draw the candidates as bars, the slowest and the fastest run as whiskers."""
    standings = rank(result)[::-1]
    names, limits = [each.name for each in standings], {each.name for each in LIMITS}
    colours = [_RED if name == PRODUCT.name else _GREY if name in limits else _BLUE for name in names]
    with draw(path, 0.6 + 0.4 * len(names)) as axes:
        rates = [each.rate for each in standings]
        spread = [
            [each.rate - min(each.rates) for each in standings],
            [max(each.rates) - each.rate for each in standings],
        ]
        axes.barh(names, rates, color=colours, xerr=spread, error_kw={"capsize": 3, "ecolor": "black"})
        for place, each in enumerate(standings):
            axes.annotate(show(each.rate), (max(each.rates), place), (6, 0), textcoords="offset points", va="center")
        axes.set_xlabel("records a second: median, slowest and fastest run (grey: a limit, not the same work)")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.margins(x=0.12)


def draw_latency(result: Result, path: Path) -> None:
    """Draw the percentiles of each rate, the last ones as far apart as the first."""
    with draw(path, 4.0) as axes:
        for row, colour in zip(result.measured, _COLOURS, strict=False):
            shares, milliseconds = _read_percentiles(row["histogram"])
            axes.plot(shares, milliseconds, color=colour, label=f"{row['rate']:,} events/s", drawstyle="steps-post")
        axes.set_xscale("log")
        axes.set_yscale("log")
        ticks = [1 / (1 - percentile / 100) for percentile in _PERCENTILES]
        axes.set_xticks(ticks, [f"{percentile:g} %" for percentile in _PERCENTILES], minor=False)
        axes.set_xticks([], minor=True)
        axes.set_xlabel("part of the events that were shown within that time")
        axes.set_ylabel("ms from when it was due until shown")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.grid()
        axes.legend()


def _read_percentiles(histogram: str) -> tuple[list[float], list[float]]:
    """Return 1 / (1 - share of the events), in even steps of its logarithm, and the milliseconds for that share."""
    found = HdrHistogram.decode(histogram)
    steps = int(_STEPS_A_DECADE * log10(max(found.get_total_count(), 1)))
    inverses = [10 ** (step / _STEPS_A_DECADE) for step in range(1, steps + 1)]
    values = [found.get_value_at_percentile(100 * (1 - 1 / inverse)) for inverse in inverses]
    return inverses, [value / _MILLISECOND for value in values]


def draw_curve(result: Result, path: Path) -> None:
    """Draw records a second, and memory, along each axis; values stand evenly apart, whatever is between them."""
    axes = find_axes(result)
    with draw_grid(path, len(axes), 2) as grid:
        for (rates, sizes), axis in zip(grid, axes, strict=True):
            for (name, points), colour in zip(find_series(result, axis).items(), _COLOURS, strict=False):
                labels = [axis.show(point.value) for point in points]
                spread = [[point.rate - point.least for point in points], [point.most - point.rate for point in points]]
                middles, megabytes = [point.rate for point in points], [point.megabytes for point in points]
                rates.errorbar(labels, middles, yerr=spread, color=colour, marker="o", label=name, capsize=3)
                sizes.plot(labels, megabytes, color=colour, marker="o")
            _finish_panel(rates, axis.title, "records/s")
            _finish_panel(sizes, axis.title, "MB a process")
            if axis.series:
                rates.legend()


def _finish_panel(axes: Axes, below: str, beside: str) -> None:
    """Name the axes of a panel, and begin at nothing."""
    axes.set_xlabel(below)
    axes.set_ylabel(beside)
    axes.margins(y=0.15)
    axes.yaxis.set_major_locator(MaxNLocator(_PANEL_TICKS_MAX))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="y")


def draw_stages(result: Result, path: Path) -> None:
    """Draw what a record costs each process: a bar each, its stages in the order in which a record meets them."""
    processes = group(result)
    shown = dict.fromkeys(row["stage"] for row in result.measured)
    ordered = [stage for stage in (*STAGES, ALL) if stage in shown]
    ends = dict.fromkeys(processes, 0.0)
    with draw(path, 3.4) as axes:
        for number, stage in enumerate(ordered):
            spent = {
                name: sum(row["microseconds"] for row in rows if row["stage"] == stage)
                for name, rows in processes.items()
            }
            look = _choose_look(stage, number)
            axes.barh(list(spent), list(spent.values()), left=list(ends.values()), label=stage or "all of it", **look)
            ends = {name: end + spent[name] for name, end in ends.items()}
        axes.invert_yaxis()
        axes.grid(axis="x")
        axes.set_xlabel("µs of processor a record")
        axes.figure.legend(loc="outside lower center", ncols=4)


def _choose_look(stage: str, number: int) -> dict[str, Any]:
    """Return how a stage is drawn: colours come again, then hatched."""
    colour = _COLOURS[number % len(_COLOURS)]
    return {
        "color": _GREY if stage == ALL else colour,
        "hatch": "//" if stage != ALL and number >= len(_COLOURS) else None,
        "edgecolor": "white",
    }


def draw_nation(result: Result, path: Path) -> None:
    """Draw how many events were published, recorded and shown as time went on."""
    samples = result.measured[0]["samples"]
    minutes = [sample["seconds"] / _MINUTE for sample in samples]
    with draw(path, 3.5) as axes:
        for name, colour, width in (("published", _GREY, 1.5), ("recorded", _SKY, 5), ("shown", _RED, 1.5)):
            axes.plot(minutes, [sample[name] / _MILLION for sample in samples], color=colour, lw=width, label=name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("minutes")
        axes.set_ylabel("million events")
        axes.grid()
        axes.legend()
