"""Whether a total was ever shown as current that was not the ledger's: in the last ten seconds, at any moment.

What the ledger has is asked four times a second; what is shown is judged once both are known. Moments are seconds of
time.monotonic().
"""

import asyncio
import json
import time
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import asyncpg

from ledger.sqlstates import ERRORS
from tests.faults.contract import KINDS
from tests.faults.exposition import write_series

_LOOK_SECONDS: Final = 0.25
# A total may be what the ledger was ten seconds ago.
_LATE_SECONDS_MAX: Final = 10.0
# 0.4 s: four looks of the one who scrapes. A longer time without an answer is not known to have shown anything.
_LOOK_COUNTS_SECONDS_MAX: Final = 0.4
_READ: Final = "SELECT topic, sum(accepted)::bigint FROM progress GROUP BY topic"
_NAME_OF: Final = {kind.topic: kind.name for kind in KINDS}
_CURRENT: Final = {kind.name: write_series("onboarding_total_current", "kind", kind.name) for kind in KINDS}
_METRIC: Final = {kind.name: kind.metric for kind in KINDS}

# What says that a mark is on a page, and what tells the facts in the ledger by topic.
MARK: Final = "onboarding_total_current"
ReadLedger = Callable[[], Awaitable[Mapping[str, int]]]


class Wrong(NamedTuple):
    """A total that was shown as current and was not the ledger's."""

    moment: float
    seconds: float
    kind: str
    shown: float
    least: int
    most: int

    def __str__(self) -> str:
        """Return it in words."""
        return (
            f"{self.kind} was shown as {self.shown:.15g} without a mark, and the ledger had {self.least} to {self.most}"
        )

    def to_line(self, began_at: float) -> str:
        """Return it as a line of JSON, its moment as seconds after a run began."""
        return json.dumps({**self._asdict(), "moment": round(self.moment - began_at, 3)}) + "\n"


class _Shown(NamedTuple):
    sent_at: float
    received_at: float
    totals: Mapping[str, float]  # by kind, of those that are marked as current


class Marks:
    """What was shown as current, and what the ledger had."""

    def __init__(self) -> None:
        self._shown: dict[int, list[_Shown]] = {}
        self._asked_at: list[float] = []
        self._ledger: list[Mapping[str, int]] = []

    def note(self, worker: int, sent_at: float, received_at: float, samples: Mapping[str, float]) -> None:
        """Note one answered scrape; answers of a worker come in the order of `received_at`."""
        current = (name for name, series in _CURRENT.items() if samples.get(series) == 1 and _METRIC[name] in samples)
        totals = {name: samples[_METRIC[name]] for name in current}
        if totals:
            self._shown.setdefault(worker, []).append(_Shown(sent_at, received_at, totals))

    def note_ledger(self, asked_at: float, facts: Mapping[str, int]) -> None:
        """Note what the ledger has by kind, as of a moment after `asked_at`."""
        self._asked_at.append(asked_at)
        self._ledger.append(facts)

    def find_wrong(self) -> Sequence[Wrong]:
        """Return every total that was wrong and not marked, with for how long that look counts."""
        return [wrong for shown in self._shown.values() for wrong in self._judge(shown)]

    def _judge(self, shown: Iterable[_Shown]) -> Iterator[Wrong]:
        """Yield what was wrong of one worker."""
        before = 0.0
        for look in shown:
            seconds = min(look.received_at - before, _LOOK_COUNTS_SECONDS_MAX)
            before = look.received_at
            for name, total in look.totals.items():
                had = self._had(name, look)
                if had and not min(had) <= total <= max(had):
                    yield Wrong(look.received_at, seconds, name, total, min(had), max(had))

    def _had(self, name: str, look: _Shown) -> Sequence[int]:
        """Return what the ledger had from ten seconds before a look until after it; nothing where it was not asked."""
        first = bisect_right(self._asked_at, look.sent_at - _LATE_SECONDS_MAX) - 1
        last = bisect_left(self._asked_at, look.received_at)
        if first < 0 or last >= len(self._ledger):
            return ()
        return [facts.get(name, 0) for facts in self._ledger[first : last + 1]]


async def follow_ledger(database_url: str, marks: Marks, until: asyncio.Event) -> None:
    """Ask the ledger four times a second until told to stop; goes on once it is there again."""
    connection: asyncpg.Connection | None = None
    while not until.is_set():
        asked_at = time.monotonic()
        try:
            connection = connection or await asyncpg.connect(database_url, timeout=2, command_timeout=30)
            rows = await connection.fetch(_READ)
            marks.note_ledger(asked_at, {_NAME_OF[topic]: facts for topic, facts in rows if topic in _NAME_OF})
        except ERRORS:
            _end(connection)
            connection = None
        await asyncio.sleep(_LOOK_SECONDS)
    _end(connection)


def _end(connection: asyncpg.Connection | None) -> None:
    """End a connection at once: after an error, nobody knows what state it is in."""
    if connection:
        connection.terminate()
