"""How what is shown follows what was acknowledged, lane by lane, sampled every 100 ms.

The total of a kind goes on rising while one of its partitions stands still. The traffic therefore ties each value of
one dimension to a partition, so that the totals by that dimension tell how far each partition is shown.
Moments are seconds of time.monotonic().
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, permutations
from typing import Final, NamedTuple

import aiohttp

from tests.faults.answers import Answer, find_overlaps
from tests.faults.contract import KIND_BY_TOPIC, KINDS, LANES, Lane, partition_of, values_of
from tests.faults.exposition import name_of, parse, write_series
from tests.faults.marks import MARK, Marks
from tests.faults.steps import Steps

_PAUSE_SECONDS: Final = 0.1
# 0.5 s: an answer takes some milliseconds; a worker that is frozen gives none.
_SCRAPE_SECONDS_MAX: Final = 0.5
# A lane with five facts in ten seconds is busy: its first fact after a fault comes soon, and tells that it moves again.
_BUSY_FACTS: Final = 5
_BUSY_SECONDS: Final = 10.0
# 64 rises of a series are at least 6 s: more than any answer that counts may be late.
_RISES_KEPT: Final = 64

_TOTALS: Final = frozenset(
    name for kind in KINDS for name in (kind.metric, *(kind.metric_by(dimension) for dimension in kind.counted))
)
_ASKED: Final = [("name[]", name) for name in sorted({*_TOTALS, MARK})]
_LANE_OF: Final = {
    write_series(kind.metric_by(kind.lane_dimension), kind.lane_dimension, value): Lane(kind.topic, partition_of(value))
    for kind in KINDS
    for value in values_of(kind)
}


class Dip(NamedTuple):
    """A total that was shown lower than before."""

    moment: float
    series: str
    before: float
    shown: float


class Curve:
    """What was acknowledged and what was shown, over time.

    facts -- acknowledged facts by lane as they are now: `OperationLog.facts`.
    """

    def __init__(self, facts: Mapping[Lane, int]) -> None:
        self._facts = facts
        self._acknowledged = {lane: Steps() for lane in LANES}
        self._shown = {lane: Steps() for lane in LANES}
        self._answers: dict[int, list[Answer]] = {}
        self._seen_at: list[float] = []
        self._rises: dict[str, deque[tuple[float, float]]] = {}
        self._dips: list[Dip] = []
        self._falls_until = 0.0
        self.marks = Marks()

    def tick(self, moment: float) -> None:
        """Note what is acknowledged at a moment."""
        for lane, facts in self._facts.items():
            self._acknowledged[lane].rise(moment, facts)

    def note(self, worker: int, sent_at: float, received_at: float, samples: Mapping[str, float]) -> None:
        """Note one answered scrape; answers come in the order of `received_at`."""
        totals = {series: number for series, number in samples.items() if name_of(series) in _TOTALS}
        self._answers.setdefault(worker, []).append(Answer(sent_at, received_at, bool(totals)))
        if not totals:
            return
        self._seen_at.append(received_at)
        self.marks.note(worker, sent_at, received_at, samples)
        self._note_dips(sent_at, received_at, totals)
        for lane, facts in _sum_lanes(totals).items():
            self._shown[lane].rise(received_at, facts)

    def staleness(self, moment: float) -> float:
        """Return the age of the oldest acknowledged fact that was not shown by then."""
        return max(self._age(lane, self._shown[lane].at(moment), moment) for lane in LANES)

    def outage(self, since: float, until: float) -> float:
        """Return the greatest age that any unshown fact had in a span, or the longest time without any total."""
        ages = (self._age(lane, height, moment) for lane in LANES for moment, height in self._looks(lane, since, until))
        return max(*ages, self._absence(since, until))

    def recovered_after(self, moment: float) -> float | None:
        """Return how many seconds after a moment all totals moved again; None while they have not.

        They have when whatever was acknowledged at that moment is shown, and each busy lane was shown to rise after
        another fact of it was acknowledged.
        """
        reached = [self._answered_since(moment), *(self._moved_at(lane, moment) for lane in LANES)]
        known = [reached_at for reached_at in reached if reached_at is not None]
        return max(known) - moment if len(known) == len(reached) else None

    def dips(self) -> Sequence[Dip]:
        """Return every total that was shown lower than one that had been shown before."""
        return self._dips

    def allow_falls(self, seconds: float) -> None:
        """Take no total for a dip in so many seconds from now: the ledger itself is another."""
        self._falls_until = time.monotonic() + seconds

    def doubles(self) -> Sequence[float]:
        """Return every moment at which two workers showed totals at once."""
        pairs = permutations(self._answers.values(), 2)
        return sorted(moment for own, others in pairs for moment in find_overlaps(own, others))

    def _age(self, lane: Lane, shown: float, moment: float) -> float:
        """Return how long ago the first fact beyond those shown was acknowledged."""
        acknowledged_at = self._acknowledged[lane].first_above(shown)
        return 0.0 if acknowledged_at is None else max(0.0, moment - acknowledged_at)

    def _looks(self, lane: Lane, since: float, until: float) -> Iterator[tuple[float, float]]:
        """Yield the moments at which an age may be greatest: just before something was shown, and the end."""
        yield from self._shown[lane].between(since, until)
        yield until, self._shown[lane].at(until)

    def _absence(self, since: float, until: float) -> float:
        """Return the longest time without any total in a span."""
        seen = [since, *(moment for moment in self._seen_at if since < moment < until), until]
        return max(later - earlier for earlier, later in pairwise(seen))

    def _answered_since(self, moment: float) -> float | None:
        """Return when a total was first received in answer to a question asked after a moment."""
        answers = (answer for answers in self._answers.values() for answer in answers)
        return min((found.received_at for found in answers if found.showing and found.sent_at >= moment), default=None)

    def _moved_at(self, lane: Lane, moment: float) -> float | None:
        """Return when a lane was shown to move after a moment; at rest, when all that was known then is shown."""
        known = self._acknowledged[lane].at(moment)
        if known - self._acknowledged[lane].at(moment - _BUSY_SECONDS) < _BUSY_FACTS:
            return self._shown[lane].first_reaching(known) if known else moment
        acknowledged_at, reached_at = self._acknowledged[lane].first_above(known), self._shown[lane].first_above(known)
        risen_at = None if acknowledged_at is None else self._shown[lane].first_since(acknowledged_at)
        return None if reached_at is None or risen_at is None else max(reached_at, risen_at)

    def _note_dips(self, sent_at: float, received_at: float, totals: Mapping[str, float]) -> None:
        for series, shown in totals.items():
            rises = self._rises.setdefault(series, deque(maxlen=_RISES_KEPT))
            before = next((height for moment, height in reversed(rises) if moment <= sent_at), 0.0)
            if shown < before and received_at < self._falls_until:
                rises.clear()
            elif shown < before:
                self._dips.append(Dip(received_at, series, before, shown))
            if not rises or shown > rises[-1][1]:
                rises.append((received_at, shown))


def _sum_lanes(totals: Mapping[str, float]) -> Mapping[Lane, float]:
    """Return how many facts of each lane are shown, of the kinds that are shown at all."""
    names = {name_of(series) for series in totals}
    lanes = {lane: 0.0 for lane in LANES if KIND_BY_TOPIC[lane.topic].metric in names}
    for series, facts in totals.items():
        if series in _LANE_OF:
            lanes[_LANE_OF[series]] += facts
    return lanes


async def watch(ports: Callable[[], Iterable[int]], curve: Curve, until: asyncio.Event) -> None:
    """Sample what is acknowledged, and scrape every stream worker, each 100 ms until told to stop.

    ports -- returns where stream workers listen now.
    """
    timeout = aiohttp.ClientTimeout(total=_SCRAPE_SECONDS_MAX)
    async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
        following: dict[int, asyncio.Task[None]] = {}
        while not until.is_set():
            curve.tick(time.monotonic())
            wanted = set(ports())
            for port in wanted - following.keys():
                following[port] = group.create_task(_follow(session, port, curve))
            for port in following.keys() - wanted:
                following.pop(port).cancel()
            await asyncio.sleep(_PAUSE_SECONDS)
        for task in following.values():
            task.cancel()


async def _follow(session: aiohttp.ClientSession, port: int, curve: Curve) -> None:
    """Scrape one worker for as long as it is wanted."""
    while True:
        sent_at = time.monotonic()
        text = await _scrape(session, port)
        received_at = time.monotonic()
        if text is not None:
            curve.note(port, sent_at, received_at, parse(text))
        await asyncio.sleep(max(0.0, sent_at + _PAUSE_SECONDS - time.monotonic()))


async def _scrape(session: aiohttp.ClientSession, port: int) -> str | None:
    """Return the page of a worker, None when it does not answer."""
    try:
        async with session.get(f"http://127.0.0.1:{port}/metrics", params=_ASKED) as answer:
            return await answer.text()
    except (aiohttp.ClientError, TimeoutError):
        return None
