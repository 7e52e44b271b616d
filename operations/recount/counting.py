"""The ledger counted again at one moment, and where the tallies and counters of the same moment differ from it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
from pydantic_core import from_json

from models.catalogue import KINDS, Kind
from models.outcomes import Duplicate
from models.tally import ALL, Opening
from operations.recount import queries
from operations.recount.drift import (
    OUTCOMES,
    TALLIES,
    Counts,
    Drift,
    TallyCell,
    find_progress_drifts,
    find_tally_drifts,
)

# What to call with how many facts are counted by now, and of how many; 0 is the beginning of a count.
Report = Callable[[int, int], None]
Versions = frozenset[tuple[str, int, int, int]]  # topic, partition, epoch, revision

_COUNTER_OF: Final = {Duplicate.RETRY: "retries", Duplicate.REPEAT: "repeats", Duplicate.CONFLICT: "conflicts"}


@dataclass(frozen=True, slots=True)
class KindBook:
    """What the ledger holds of one kind over all source partitions, and the drifts inside Postgres.

    sums -- with the opening balance in them, in the dimensions by which that is known; empty where there is none
    """

    counts: Counts
    drifts: tuple[Drift, ...]
    sums: Counts = field(default_factory=dict)

    @property
    def facts(self) -> int:
        """All facts of all time."""
        return self.counts.get(ALL, 0)


@dataclass(frozen=True, slots=True)
class Book:
    """Every kind by name, as of one commit.

    versions -- of every source partition: as long as they stay the same, no transaction has counted anything
    """

    versions: Versions
    kinds: Mapping[str, KindBook]

    @property
    def epoch(self) -> int:
        """The newest epoch of any source partition: in another one a number may be lower."""
        return max((epoch for _topic, _partition, epoch, _revision in self.versions), default=0)

    @property
    def facts(self) -> int:
        """All facts of every kind."""
        return sum(book.facts for book in self.kinds.values())


async def read_book(connection: asyncpg.Connection, report: Report) -> Book:
    """Count every ledger table inside a snapshot; `report` is told how far it is."""
    progress = await connection.fetch(queries.PROGRESS)
    kinds = {kind.name: await _read_kind(connection, kind, progress) async for kind in count_kinds(connection, report)}
    return Book(_versions(progress), kinds)


async def count_kinds(connection: asyncpg.Connection, report: Report) -> AsyncIterator[Kind]:
    """Yield every kind to be counted inside a snapshot; `report` is told how far it is, by what the counters say."""
    facts = Counter({row["topic"]: row["facts"] for row in await connection.fetch(queries.ACCEPTED)})
    done = 0
    report(done, facts.total())
    for kind in KINDS:
        yield kind
        done += facts[kind.topic]
        report(done, facts.total())


async def read_versions(connection: asyncpg.Connection) -> Versions:
    """Return the versions of now, at the price of a few rows."""
    return _versions(await connection.fetch(queries.PROGRESS))


def _versions(progress: list[Any]) -> Versions:
    return frozenset((row["topic"], row["kafka_partition"], row["epoch"], row["revision"]) for row in progress)


async def _read_kind(connection: asyncpg.Connection, kind: Kind, progress: list[Any]) -> KindBook:
    """Count one kind and compare it with the tallies and counters of the snapshot."""
    answers = await _count(connection, kind)
    rows = await _read_outcomes(
        connection, kind, {row["kafka_partition"]: row["ledger"] for row in answers["partition"]}
    )
    held = {row["kafka_partition"]: _counters(row) for row in progress if row["topic"] == kind.topic}
    return KindBook(
        counts={(row["dimension"], row["value"]): row["ledger"] for row in answers["sum"]},
        drifts=(
            *find_tally_drifts(kind, map(_cell, answers["cell"])),
            *find_progress_drifts(kind, rows, held),
            *[_day_drift(kind, row) for row in await connection.fetch(queries.DAYS, kind.topic)],
        ),
        sums=await _read_sums(connection, kind),
    )


async def _read_sums(connection: asyncpg.Connection, kind: Kind) -> Counts:
    """Return the sums of opening balance and later days."""
    row = await connection.fetchrow(queries.OPENING, kind.topic)
    if row is None:
        return {}
    opening = Opening(as_of=row["as_of"], **from_json(row["figures"]))
    sums = Counter({(dimension, value): n for dimension, by in opening.facts.items() for value, n in by.items()})
    for dimension, value, facts in await connection.fetch(queries.LATER, kind.topic, opening.as_of, [*opening.facts]):
        sums[dimension, value] += facts
    return sums


def _day_drift(kind: Kind, row: Any) -> Drift:  # noqa: ANN401 - asyncpg is not typed
    """Return what a closed day and its restatements say beside what is counted of it."""
    where, cell = f"closed_day {kind.topic}", f"day {row['day']}"
    return Drift(kind.name, where, cell, row["facts"], row["told"], TALLIES, row["day"])


async def read_cells(connection: asyncpg.Connection, kind: Kind) -> list[TallyCell]:
    """Return the cells of a kind in which the tallies differ from the ledger, inside a snapshot."""
    return list(map(_cell, (await _count(connection, kind))["cell"]))


async def _count(connection: asyncpg.Connection, kind: Kind) -> dict[str, list[Any]]:
    """Return the rows of each answer to the count of a ledger table."""
    answers: dict[str, list[Any]] = {"cell": [], "sum": [], "partition": []}
    for row in await connection.fetch(queries.write_count(kind), kind.topic):
        answers[row["answer"]].append(row)
    return answers


def _cell(row: Any) -> TallyCell:  # noqa: ANN401 - asyncpg is not typed
    return TallyCell(*tuple(row)[1:])


async def _read_outcomes(
    connection: asyncpg.Connection, kind: Kind, accepted: Mapping[int, int]
) -> dict[int, Counter[str]]:
    """Count the rows that the records of each source partition left."""
    rows: dict[int, Counter[str]] = {partition: Counter(accepted=facts) for partition, facts in accepted.items()}
    for row in await connection.fetch(queries.DUPLICATES, kind.topic):
        rows.setdefault(row["kafka_partition"], Counter())[_COUNTER_OF[row["duplicate"]]] += row["records"]
    for row in await connection.fetch(queries.REFUSED, kind.topic):
        rows.setdefault(row["kafka_partition"], Counter())["refused"] += row["records"]
    return rows


def _counters(row: Any) -> dict[str, int]:  # noqa: ANN401 - asyncpg is not typed
    return {name: row[name] for name in ("consumed", *OUTCOMES)}
