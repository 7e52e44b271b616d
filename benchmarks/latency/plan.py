"""What is published at one rate, and when: fixed before the clock starts, whatever the system does then."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Final

from benchmarks.stage.traffic import EVENTS_A_DAY, TRAFFIC_KINDS, make_traffic
from upstream.publishing.outgoing import Outgoing

_SEED: Final = 5
# 10,000 events are made in a third of a second.
_REPORT_EVENTS: Final = 10_000
_PLACES: Final = {kind.topic: place for place, kind in enumerate(TRAFFIC_KINDS)}


@dataclass(frozen=True)
class Plan:
    """A rate of events a second: first for some seconds that do not count, then for those that are measured."""

    rate: int
    warm_up_seconds: float
    seconds: float

    @property
    def warm_up_events(self) -> int:
        """How many events are published before those that are measured."""
        return round(self.rate * self.warm_up_seconds)

    @property
    def events(self) -> int:
        """How many events are measured."""
        return round(self.rate * self.seconds)

    @property
    def all_events(self) -> int:
        """How many events are published."""
        return self.warm_up_events + self.events

    def make_moments(self) -> "array[float]":
        """Return when each event is due, in seconds after the beginning.

        They are as random as those of people who do not know of each other (a Poisson process): at even distances
        they would beat against the waits in the system, and always meet the same phase of them.
        """
        random = Random(_SEED)  # noqa: S311 - a schedule that can be repeated, no secret
        end = self.warm_up_seconds + self.seconds
        moments = _draw(random, self.warm_up_events, 0, self.warm_up_seconds)
        moments.extend(_draw(random, self.events, self.warm_up_seconds, end))
        return moments

    def make_events(self, report: Callable[[int], None]) -> Iterator[Outgoing]:
        """Yield the events in the order of publishing, in every second the kinds in the proportion of the whole.

        report -- called now and then with how many are made
        """
        events = _mix(make_traffic(self.all_events, 0, ordered=True), Random(_SEED))  # noqa: S311 - as above
        return _count(events, report)


def place_of(record: Outgoing) -> int:
    """Return the place of a record's kind in the catalogue."""
    return _PLACES[record.topic]


def _draw(random: Random, events: int, start: float, end: float) -> "array[float]":
    """Return so many moments between two, in order."""
    return array("d", sorted(random.uniform(start, end) for _ in range(events)))


def _count(events: Iterator[Outgoing], report: Callable[[int], None]) -> Iterator[Outgoing]:
    """Yield the events, and tell how many."""
    for number, event in enumerate(events):
        if number % _REPORT_EVENTS == 0:
            report(number)
        yield event


def _mix(events: Iterator[Outgoing], random: Random) -> Iterator[Outgoing]:
    """Yield the events day by day, those of a day in any order: there are no records at night, and no night here."""
    while day := list(islice(events, EVENTS_A_DAY)):
        random.shuffle(day)
        yield from day
