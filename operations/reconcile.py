"""An upstream system's own daily counts beside the ledger's: what it never sent cannot be seen otherwise."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple, TextIO

from models.catalogue import KIND_BY_NAME, SOURCE
from models.events import SOURCES
from operations.csv_tables import read_rows
from operations.snapshot import open_snapshot

HEADER: Final = ("day", "source", "kind", "facts")
_COUNTED: Final = """
SELECT asked.place, coalesce(sum(tally.facts), 0)::bigint
FROM unnest($1::int[], $2::text[], $3::date[], $4::text[]) AS asked (place, topic, day, source)
LEFT JOIN tally ON tally.topic = asked.topic AND tally.day = asked.day AND tally.dimension = $5
    AND tally.value = asked.source
GROUP BY asked.place"""


class Claim(NamedTuple):
    """What an upstream system says that it has sent: distinct facts of one kind on one day in Vietnam."""

    day: date
    source: str
    kind: str
    facts: int


class Compared(NamedTuple):
    """A claim beside what the ledger counts."""

    claim: Claim
    counted: int

    @property
    def missing(self) -> int:
        """How many facts the ledger lacks; less than zero where it has more."""
        return self.claim.facts - self.counted


class ClaimError(Exception):
    """A line of a file is no claim; the message says which one and why."""


def read_claims(file: TextIO) -> Iterator[Claim]:
    """Yield the claims of a CSV file with the header day,source,kind,facts. Raises ClaimError."""
    for number, row in read_rows(file, HEADER, ClaimError):
        try:
            yield _read_claim(row)
        except ValueError as error:
            raise ClaimError(f"line {number}: {error}") from None


def _read_claim(row: list[str]) -> Claim:
    """Return the claim of a row. Raises ValueError."""
    day, source, kind, facts = row
    if source not in SOURCES:
        raise ValueError("the source is no registered upstream system")
    if kind not in KIND_BY_NAME:
        raise ValueError(f"the kind must be one of {', '.join(KIND_BY_NAME)}")
    if not facts.isdecimal():
        raise ValueError("facts must be a whole number")
    return Claim(date.fromisoformat(day), source, kind, int(facts))


async def reconcile(database_url: str, claims: Iterable[Claim]) -> list[Compared]:
    """Compare claims with what is counted now, in their order. Raises UnavailableError."""
    asked = list(claims)
    columns = [(place, KIND_BY_NAME[claim.kind].topic, claim.day, claim.source) for place, claim in enumerate(asked)]
    async with open_snapshot(database_url) as connection:
        rows = await connection.fetch(_COUNTED, *(zip(*columns, strict=True) if columns else ([], [], [], [])), SOURCE)
    counted = dict(map(tuple, rows))
    return [Compared(claim, counted[place]) for place, claim in enumerate(asked)]
