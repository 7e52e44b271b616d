"""How long after it was due an event was part of the total that /metrics shows.

The rule: the k-th event of a kind, in the order in which events are due, is shown when the total of its kind is first
read to be k or more. Partitions overtake each other, so the k-th that is counted may be another event than the k-th
that was due; the figures are those of the number on the screen: how long until it included as many events as had been
meant to be published. Their mean is that of the events themselves, however these overtake each other; a percentile is
not one of single events. Every moment is the later bound: when the answer had arrived in which it was first seen.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # it has no types

from benchmarks.latency.publisher import Sent
from benchmarks.latency.watcher import Reading, Totals
from benchmarks.stage.traffic import TRAFFIC_KINDS

# 1 µs to 10 minutes, with three digits.
_MICROSECONDS_MAX: Final = 600_000_000
_DIGITS: Final = 3
_MICROSECONDS: Final = 1e6


def find_latencies(sent: Sent, readings: Sequence[Reading], counts_from: float) -> Iterator[float]:
    """Yield the seconds after which each event was shown that is due from a moment on.

    Raises ValueError when a total is not shown as often as events of its kind were sent.
    """
    for place in range(len(TRAFFIC_KINDS)):
        for due_at, shown_at in zip(_find_due(sent, place), _find_shown(readings, place), strict=True):
            if due_at >= counts_from:
                yield shown_at - due_at


def find_lateness(sent: Sent, counts_from: float) -> Iterator[float]:
    """Yield how late the publisher was with each event that is due from a moment on."""
    moments = zip(sent.due_at, sent.handed_at, strict=True)
    return (handed_at - due_at for due_at, handed_at in moments if due_at >= counts_from)


def find_intervals(readings: Sequence[Reading], counts_from: float) -> Iterator[float]:
    """Yield how far apart readings were from a moment on: by so much at most a latency was really shorter."""
    moments = [reading.read_at for reading in readings if reading.read_at >= counts_from]
    return (later - earlier for earlier, later in pairwise(moments))


def record(seconds: Iterable[float]) -> HdrHistogram:
    """Return a histogram of durations in microseconds; one beyond its range is taken as its end."""
    histogram = HdrHistogram(1, _MICROSECONDS_MAX, _DIGITS)
    for each in seconds:
        histogram.record_value(min(max(1, round(each * _MICROSECONDS)), _MICROSECONDS_MAX))
    return histogram


def count_sent(sent: Sent) -> Totals:
    """Return how many events of each kind were sent."""
    return tuple(sent.places.count(place) for place in range(len(TRAFFIC_KINDS)))


def _find_due(sent: Sent, place: int) -> Iterator[float]:
    """Yield when the events of a kind were due, in order."""
    return (due_at for due_at, own in zip(sent.due_at, sent.places, strict=True) if own == place)


def _find_shown(readings: Sequence[Reading], place: int) -> Iterator[float]:
    """Yield when the total of a kind was first read to be 1 or more, 2 or more, and so on."""
    reached = 0
    for reading in readings:
        if reading.totals:
            yield from [reading.read_at] * (reading.totals[place] - reached)
            reached = max(reached, reading.totals[place])
