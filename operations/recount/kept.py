"""What recounts have found: kept in Postgres, so that what is known to differ is told until it is mended."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import asyncpg

from ledger.recounts import Counts, record_recount
from operations.moments import write_minute
from operations.recount.drift import Drift
from operations.recount.recount import Recounted

# 1,000 drifts: after an emptied table every cell differs, and then the first ones say enough.
_DRIFTS_MAX: Final = 1_000
_NEWEST: Final = "SELECT recounted_at, recounted_by, cells, drifts FROM recount ORDER BY id DESC LIMIT 1"


class KeptRecount(NamedTuple):
    """What the newest recount found.

    cells -- in how many something differed
    drifts -- the first 1,000 of them
    """

    recounted_at: datetime
    recounted_by: str
    cells: int
    drifts: tuple[Drift, ...]

    def count_by_kind(self) -> Counter[str]:
        """Return how many of the drifts are of each kind."""
        return Counter(drift.kind for drift in self.drifts)

    def tell(self, kind: str, day: date | None = None) -> Iterator[str]:
        """Yield a line for each number of a kind, or of one day, that is known to differ."""
        when = f"{write_minute(self.recounted_at)} (Vietnam), {self.recounted_by}"
        for drift in self.drifts:
            if drift.kind == kind and day in {None, drift.day}:
                yield f"known to differ since the recount of {when}: {drift.describe()}"


async def keep_recount(connection: asyncpg.Connection, found: Recounted, by: str) -> None:
    """Keep what a recount found. Raises what asyncpg raises."""
    drifts = [_write(drift) for drift in found.drifts[:_DRIFTS_MAX]]
    await record_recount(connection, by, Counts(found.last.facts, found.drift_cells), json.dumps(drifts))


async def read_newest(connection: asyncpg.Connection) -> KeptRecount | None:
    """Return what the newest recount found; None when there was none yet."""
    row = await connection.fetchrow(_NEWEST)
    if row is None:
        return None
    drifts = tuple(_read(drift) for drift in json.loads(row["drifts"]))
    return KeptRecount(row["recounted_at"], row["recounted_by"], row["cells"], drifts)


def _write(drift: Drift) -> dict[str, Any]:
    """Return a drift as JSON has it."""
    return drift._asdict() | {"day": drift.day and drift.day.isoformat()}


def _read(kept: dict[str, Any]) -> Drift:
    """Return a drift from what `_write` has written."""
    return Drift(**kept | {"day": date.fromisoformat(kept["day"]) if kept["day"] else None})
