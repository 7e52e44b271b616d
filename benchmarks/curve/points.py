"""What is varied, one thing at a time: the points of every axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from benchmarks.candidates import BARE_LOOP, PRODUCT, Candidate
from benchmarks.peers import bare_loop
from benchmarks.stage.prefill import Filling
from consumers.feed import BATCH_RECORDS_MAX
from models.topics import PARTITIONS


class Traffic(NamedTuple):
    """What decides about the content of the topics.

    event_bytes_min -- an event that is smaller is enlarged to it
    ids -- "v7": time-ordered (UUIDv7), "v4": random
    duplicates -- retries for each event
    """

    partitions: int
    event_bytes_min: int
    ids: str
    duplicates: float


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of an axis.

    batch_records_max -- the most records that a process takes into one transaction
    ledger_rows -- facts that are in the ledger before
    checkpoint -- whether one is asked for half-way
    """

    axis: str
    candidate: str = PRODUCT.name
    processes: int = 2
    partitions: int = PARTITIONS
    batch_records_max: int = BATCH_RECORDS_MAX
    event_bytes_min: int = 0
    ledger_rows: int = 0
    ids: str = "v7"
    # One in a thousand: the density of the goal.
    duplicates: float = 0.001
    checkpoint: bool = False

    @property
    def traffic(self) -> Traffic:
        """What is in its topics."""
        return Traffic(self.partitions, self.event_bytes_min, self.ids, self.duplicates)

    @property
    def filling(self) -> Filling:
        """What is in its ledger before."""
        return Filling(self.ledger_rows, self.ids)

    @property
    def starter(self) -> Candidate:
        """How its candidate is started and watched.

        A ledger that was filled before holds records that are not of these topics, so the product's offsets are
        summed, not its counters.
        """
        if self.candidate == BARE_LOOP.name:
            return BARE_LOOP
        worker = ("benchmarks.curve.worker", str(self.batch_records_max))
        count = "SELECT coalesce(sum(next_offset), 0)::bigint FROM progress"
        return replace(PRODUCT, worker=worker, count=count)


# What tells the points of an axis apart, in the order of its table.
VARIED: Final[Mapping[str, Sequence[str]]] = {
    "processes": ("candidate", "processes"),
    "partitions": ("partitions",),
    "batch": ("batch_records_max",),
    "size": ("event_bytes_min",),
    "duplicates": ("duplicates",),
    "ledger": ("ledger_rows", "ids"),
}
_VALUES: Final[Mapping[str, Sequence[Any]]] = {
    "partitions": (1, 2, 4, 8, 16, 32, 64),
    "batch": (500, 1_000, 2_500, 5_000, 10_000, 20_000),
    # 0: as upstream systems write them, 370 bytes in the mean.
    "size": (0, 500, 1_000, 2_000, 4_000),
    "duplicates": (0.001, 0.01, 0.05, 0.2, 0.5),
}
_PROCESSES: Final = (1, 2, 4)
_BARE_POINT: Final = Point(axis="processes", candidate=BARE_LOOP.name, batch_records_max=bare_loop.BATCH_RECORDS_MAX)


def make_points(axis: str, ledger_rows: Sequence[int]) -> list[Point]:
    """Return the points of an axis.

    ledger_rows -- how full a ledger is, on the axis of that name
    """
    if axis == "processes":
        return [replace(point, processes=count) for count in _PROCESSES for point in (Point(axis=axis), _BARE_POINT)]
    if axis == "ledger":
        return [
            Point(axis=axis, ledger_rows=rows, ids=ids, checkpoint=True) for ids in ("v7", "v4") for rows in ledger_rows
        ]
    (field,) = VARIED[axis]
    return [Point(axis=axis, **{field: value}) for value in _VALUES[axis]]
