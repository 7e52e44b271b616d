"""Watches what stream workers show, every 50 ms, as a scraper that never misses a moment would."""

import asyncio
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise, permutations
from typing import NamedTuple

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from models.catalogue import KINDS
from tests.faults.answers import Answer, find_overlaps
from tests.integration.system import Process

_PAUSE_SECONDS = 0.05
# 5 s: who does not answer is given up; how long an answer took is known, and decides nothing.
_ANSWER_SECONDS_MAX = 5.0
_ASKED = [("name[]", kind.metric) for kind in KINDS]


class Look(NamedTuple):
    """One answered scrape: the worker showed these totals at some instant between the two moments."""

    worker: int
    sent_at: float
    received_at: float
    shown: Mapping[str, float]


@dataclass
class Watch:
    """What was shown of each total: when, and by which worker. Only what is certain counts as a dip or as a double."""

    looks: list[Look] = field(default_factory=list)

    def dips(self, name: str) -> list[tuple[float, float]]:
        """Return every value that was lower than one received before it was asked for, with that one."""
        values = self._values(name)
        received = [look.received_at for look, _ in values]  # in their order: a look is noted when it is answered
        highest = [0.0, *accumulate((value for _, value in values), max)]
        before = [highest[bisect_right(received, look.sent_at)] for look, _ in values]
        return [(seen, value) for seen, (_, value) in zip(before, values, strict=True) if value < seen]

    def doubles(self, name: str) -> int:
        """Return how often a worker showed the total within a time throughout which another one did."""
        answers: dict[int, list[Answer]] = {}
        for look in self.looks:
            answers.setdefault(look.worker, []).append(Answer(look.sent_at, look.received_at, name in look.shown))
        return sum(1 for own, others in permutations(answers.values(), 2) for _ in find_overlaps(own, others))

    def longest_gap(self, name: str) -> float:
        """Return for how many seconds at most nobody showed the total."""
        moments = [look.received_at for look, _ in self._values(name)]
        return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)

    def recovery(self, name: str, killed_at: float) -> float:
        """Return how many seconds after a moment the total was shown again."""
        return min(look.received_at for look, _ in self._values(name) if look.sent_at > killed_at) - killed_at

    def lowest(self, name: str) -> float:
        """Return the least value shown."""
        return min(value for _, value in self._values(name))

    def _values(self, name: str) -> list[tuple[Look, float]]:
        return [(look, look.shown[name]) for look in self.looks if name in look.shown]


async def watch(workers: Sequence[Process], until: asyncio.Event) -> Watch:
    """Sample the workers until told to stop; `workers` may grow meanwhile."""
    seen = Watch()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS_MAX)) as session:
        following: dict[int, asyncio.Task[None]] = {}
        while not until.is_set():
            for worker in workers:
                if worker.port not in following:
                    following[worker.port] = asyncio.create_task(_follow(session, worker.port, seen))
            await asyncio.sleep(_PAUSE_SECONDS)
        for task in following.values():
            task.cancel()
        await asyncio.gather(*following.values(), return_exceptions=True)
    return seen


async def _follow(session: aiohttp.ClientSession, port: int, seen: Watch) -> None:
    """Sample one worker, each answer before the next question."""
    while True:
        sent_at = time.monotonic()
        text = await _scrape(session, port)
        if text is not None:
            seen.looks.append(Look(port, sent_at, time.monotonic(), dict(_read_totals(text))))
        await asyncio.sleep(_PAUSE_SECONDS)


def _read_totals(text: str) -> Iterator[tuple[str, float]]:
    """Yield the totals that a page shows."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield sample.name, sample.value


async def _scrape(session: aiohttp.ClientSession, port: int) -> str | None:
    """Return the page of a worker, None when it does not answer."""
    try:
        async with session.get(f"http://127.0.0.1:{port}/metrics", params=_ASKED) as answer:
            return await answer.text()
    except (aiohttp.ClientError, TimeoutError):
        return None
