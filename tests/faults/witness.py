"""Watches from outside what faults do to the processes: who is ready, who waits, who owns what, who is active."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import aiohttp

from models.catalogue import KINDS
from tests.faults.child import Child

# 0.25 s: a wait for a server lasts longer in nearly all cases, and four looks a second cost little.
_LOOK_SECONDS: Final = 0.25
_ANSWER_SECONDS_MAX: Final = 1.0
_OWNED: Final = re.compile(r'^onboarding_partition_stopped\{partition="(\d+)",topic="([^"]+)"\}', re.MULTILINE)
_STOPPED: Final = re.compile(r"^onboarding_partition_stopped\{.*\} 1.0$", re.MULTILINE)
_FAULTS: Final = re.compile(r"^onboarding_outside_faults_total (\S+)", re.MULTILINE)
_TOTAL: Final = re.compile(rf"^{KINDS[0].metric} ", re.MULTILINE)
_ASKED: Final = [
    ("name[]", name) for name in ("onboarding_partition_stopped", "onboarding_outside_faults_total", KINDS[0].metric)
]
Source = tuple[str, int]


class Sighting(NamedTuple):
    """Something seen of a process that does not happen while all is well."""

    at: float
    name: str
    what: str


@dataclass
class Witness:
    """What was seen last of each process, and every sign of trouble with its moment."""

    owned: dict[str, frozenset[Source]] = field(default_factory=dict)
    ready: dict[str, bool] = field(default_factory=dict)
    showing: dict[str, bool] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    _faults: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, what: str) -> None:
        """Keep a sign of trouble."""
        self.sightings.append(Sighting(time.monotonic(), name, what))

    def symptoms(self, since: float) -> list[str]:
        """Return every different sign of trouble since a moment, in the order in which they were first seen."""
        return list(dict.fromkeys(f"{name} {what}" for at, name, what in self.sightings if at >= since))

    def trouble_of(self, name: str) -> str:
        """Return the last sign of trouble of a process."""
        return next((what for _, who, what in reversed(self.sightings) if who == name), "does not answer")

    def owner_of(self, source: Source) -> str:
        """Return the consumer that records a source partition, empty when none says so."""
        return next((name for name, owned in self.owned.items() if source in owned), "")

    async def watch(self, children: Callable[[], Sequence[Child]], until: asyncio.Event) -> None:
        """Look at every process again and again until told to stop."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS_MAX)) as session:
            while not until.is_set():
                await asyncio.gather(*(self._look(session, child) for child in children()))
                await asyncio.sleep(_LOOK_SECONDS)

    def forget(self, name: str) -> None:
        """Know nothing of a process that has ended."""
        for known in (self.owned, self.ready, self.showing, self._faults):
            known.pop(name, None)

    async def _look(self, session: aiohttp.ClientSession, child: Child) -> None:
        """Take down what one process shows."""
        try:
            await self._read_readiness(session, child)
            await self._read_metrics(session, child)
        except (aiohttp.ClientError, TimeoutError):
            self.ready[child.name] = False
            self.showing[child.name] = False

    async def _read_readiness(self, session: aiohttp.ClientSession, child: Child) -> None:
        async with session.get(f"http://127.0.0.1:{child.port}/readyz") as answer:
            self.ready[child.name] = answer.status == 200
            if not self.ready[child.name]:
                self.note(child.name, f"was not ready: {(await answer.text()).strip()}")

    async def _read_metrics(self, session: aiohttp.ClientSession, child: Child) -> None:
        async with session.get(f"http://127.0.0.1:{child.port}/metrics", params=_ASKED) as answer:
            page = await answer.text()
        self.showing[child.name] = bool(_TOTAL.search(page))
        if child.verb == "consume":
            self.owned[child.name] = frozenset((topic, int(number)) for number, topic in _OWNED.findall(page))
            self._compare_faults(child.name, page)
            if _STOPPED.search(page):
                self.ready[child.name] = False
                self.note(child.name, "has stopped a partition whose log has a gap")

    def _compare_faults(self, name: str, page: str) -> None:
        """Note that a consumer has met faults outside since the last look."""
        if found := _FAULTS.search(page):
            faults = float(found[1])
            if faults > self._faults.get(name, 0.0):
                self.note(name, "met faults outside")
            self._faults[name] = faults
