"""What the tallies lack, or hold too much of, beside the ledger: read in a snapshot, while recording goes on."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from aiokafka import TopicPartition

from models.tally import Cell
from operations.recount.counting import Report, count_kinds, read_cells
from operations.snapshot import open_snapshot


class Differences(NamedTuple):
    """What is to be added to the tallies, by source partition, and in which epoch it was read."""

    epoch: int
    changes: dict[TopicPartition, Counter[Cell]]

    @property
    def cells(self) -> int:
        """How many cells differ."""
        return sum(map(len, self.changes.values()))

    def describe(self) -> Iterator[str]:
        """Yield a line for each cell: what is to be added."""
        for source, cells in self.changes.items():
            for cell, facts in cells.items():
                yield f"{source.topic}/{source.partition} {cell.day} {cell.dimension} {cell.value}: {facts:+,}"


async def read_differences(database_url: str, report: Report) -> Differences:
    """Count the ledger and compare it with the tallies; `report` is told how far it is.

    Raises UnavailableError when Postgres does not answer.
    """
    changes: dict[TopicPartition, Counter[Cell]] = defaultdict(Counter)
    async with open_snapshot(database_url) as connection:
        epoch = await connection.fetchval("SELECT max(epoch) FROM ledger_epoch")
        async for kind in count_kinds(connection, report):
            for each in await read_cells(connection, kind):
                cell = Cell(each.day, each.dimension, each.value)
                changes[TopicPartition(kind.topic, each.partition)][cell] = (each.ledger or 0) - (each.tally or 0)
    return Differences(epoch, dict(changes))
