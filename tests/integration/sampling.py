"""Watches what stream workers show, every 50 ms, as a scraper that never misses a moment would."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from models.catalogue import KINDS
from tests.integration.system import Process

_PAUSE_SECONDS = 0.05
# A scrape that was under way at the kill may still be answered.
_SETTLE_SECONDS = 0.2
_NAMES = frozenset(kind.metric for kind in KINDS)


@dataclass
class Watch:
    """What was shown of each total: when, and by how many workers at once."""

    shown: dict[str, list[tuple[float, list[float]]]] = field(default_factory=lambda: {name: [] for name in _NAMES})

    def dips(self, name: str) -> list[tuple[float, float]]:
        """Return every value that was lower than one shown before it, with that one."""
        highest, found = 0.0, []
        for _moment, values in self.shown[name]:
            found += [(highest, value) for value in values if value < highest]
            highest = max([highest, *values])
        return found

    def doubles(self, name: str) -> int:
        """Return how often more than one worker showed the total at the same moment."""
        return sum(len(values) > 1 for _moment, values in self.shown[name])

    def longest_gap(self, name: str) -> float:
        """Return for how many seconds at most nobody showed the total."""
        moments = [moment for moment, values in self.shown[name] if values]
        return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)

    def recovery(self, name: str, killed_at: float) -> float:
        """Return how many seconds after a moment the total was shown again."""
        return (
            min(moment for moment, values in self.shown[name] if values and moment > killed_at + _SETTLE_SECONDS)
            - killed_at
        )

    def lowest(self, name: str) -> float:
        """Return the least value shown."""
        return min(value for _moment, values in self.shown[name] for value in values)


async def watch(workers: Sequence[Process], until: asyncio.Event) -> Watch:
    """Sample the workers until told to stop."""
    seen = Watch()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.5)) as session:
        while not until.is_set():
            moment = time.monotonic()
            pages = await asyncio.gather(*(_scrape(session, worker.port) for worker in workers))
            for name, samples in seen.shown.items():
                samples.append((moment, [page[name] for page in pages if name in page]))
            await asyncio.sleep(_PAUSE_SECONDS)
    return seen


async def _scrape(session: aiohttp.ClientSession, port: int) -> Mapping[str, float]:
    """Return the totals that a worker shows; none when it does not answer."""
    try:
        async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
            families = text_string_to_metric_families(await answer.text())
            return {
                sample.name: sample.value for family in families for sample in family.samples if sample.name in _NAMES
            }
    except (aiohttp.ClientError, TimeoutError):
        return {}
