"""Opening balances as they were recorded: the present ones, and what they superseded."""

import json
from datetime import date, datetime
from typing import Any, Final, NamedTuple, TextIO

from models.catalogue import Kind
from models.places import PLACES
from models.tally import ALL, Opening
from operations.csv_tables import read_rows
from operations.snapshot import open_snapshot

PROVINCE: Final = "province"
HEADER: Final = (PROVINCE, "facts")
_LIST: Final = """
SELECT topic, as_of, figures, source, recorded_at, recorded_by, superseded_at, superseded_by
FROM opening_balance ORDER BY topic, version DESC"""


# 18 digits: what Postgres keeps as a bigint.
_DIGITS_MAX: Final = 18
FACTS_MAX: Final = 10**_DIGITS_MAX - 1


class RecordedOpening(NamedTuple):
    """A version of an opening balance; the last two are None for the present one."""

    topic: str
    as_of: date
    facts: int
    by_province: bool
    source: str
    recorded_at: datetime
    recorded_by: str
    superseded_at: datetime | None
    superseded_by: str | None


class FiguresError(Exception):
    """Figures do not make an opening balance; the message says why."""


async def list_openings(database_url: str) -> list[RecordedOpening]:
    """Return every version, the newest of each topic first. Raises UnavailableError."""
    async with open_snapshot(database_url) as connection:
        return [_recorded(row) for row in await connection.fetch(_LIST)]


def _recorded(row: Any) -> RecordedOpening:  # noqa: ANN401 - asyncpg is not typed
    topic, as_of, figures, *others = row
    facts = json.loads(figures)["facts"]
    return RecordedOpening(topic, as_of, facts[ALL[0]][ALL[1]], PROVINCE in facts, *others)


def make_opening(kind: Kind, as_of: date, facts: int, by_province: TextIO | None) -> Opening:
    """Return an opening balance. Raises FiguresError.

    by_province -- a CSV file with the header province,facts, whose sum must be `facts`; the place as it was on that day
    """
    figures = {ALL[0]: {ALL[1]: facts}}
    if by_province is not None:
        if PROVINCE not in kind.dimensions:
            raise FiguresError(f"{kind.name} are not counted by province")
        figures[PROVINCE] = dict(_read_provinces(by_province))
        if (found := sum(figures[PROVINCE].values())) != facts:
            raise FiguresError(f"the provinces add up to {found:,}, not to {facts:,}")
    return Opening(as_of=as_of, facts=figures)


def _read_provinces(file: TextIO) -> list[tuple[str, int]]:
    """Return place and facts of each row. Raises FiguresError."""
    found = []
    for number, (place, facts) in read_rows(file, HEADER, FiguresError):
        if place not in PLACES or not facts.isdecimal() or len(facts) > _DIGITS_MAX:
            raise FiguresError(f"line {number}: not a province of docs/reference.md and a whole number")
        found.append((place, int(facts)))
    if len(dict(found)) < len(found):
        raise FiguresError("a province stands there twice")
    return found
