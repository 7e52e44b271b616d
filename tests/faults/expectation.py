"""What Postgres must hold of one source partition, folded from the records that Kafka holds and nothing else."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from tests.faults.contract import KIND_BY_TOPIC, Lane, day_of, place_of
from tests.faults.kafka_log import Visible
from tests.faults.record import digest_of, read

_ZERO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Cell(NamedTuple):
    """One number of the tallies: a day, a dimension ("all" for none) and its value."""

    day: date
    dimension: str
    value: str


class Fact(NamedTuple):
    """One row of a ledger table. Two records say the same when their content is equal."""

    offset: int
    appended_at: datetime
    event_id: UUID
    content: tuple[Any, ...]  # subject, moment, source, dimensions and details, in the order of the contract

    @property
    def day(self) -> date:
        """The day that it counts on."""
        return day_of(self.content[1])


class Refusal(NamedTuple):
    """A record that must be refused: why, and what is kept of it."""

    reason: str
    key: bytes | None
    value: bytes | None


class Expectation:
    """The expected facts, duplicates, refusals and counts of one source partition.

    reasons -- the digests of malformed records, with their reasons, from the operation log.
    """

    def __init__(self, lane: Lane, reasons: Mapping[int, str]) -> None:
        self.lane = lane
        self.kind = KIND_BY_TOPIC[lane.topic]
        self.facts: dict[UUID, Fact] = {}
        self.duplicates: dict[int, str] = {}
        self.refusals: dict[int, Refusal] = {}
        self.digests: Counter[int] = Counter()
        self._reasons = reasons

    def take(self, record: Visible) -> None:
        """Count one more record of the log."""
        digest = digest_of(record.key, record.value, record.headers)
        self.digests[digest] += 1
        if digest in self._reasons:
            self.refusals[record.offset] = Refusal(self._reasons[digest], record.key, record.value)
        else:
            self._take_event(record)

    @property
    def consumed(self) -> int:
        """How many records were taken."""
        return self.digests.total()

    @property
    def cells(self) -> Counter[Cell]:
        """The counts by day and dimension."""
        cells: Counter[Cell] = Counter()
        for fact in self.facts.values():
            day = fact.day
            cells[Cell(day, "all", "")] += 1
            for dimension, value in zip(self.kind.counted, fact.content[2:], strict=False):
                cells[Cell(day, dimension, str(value))] += 1
        return cells

    @property
    def newest_at(self) -> datetime | None:
        """When the broker appended the newest record that counts."""
        return max((fact.appended_at for fact in self.facts.values()), default=None)

    def _take_event(self, record: Visible) -> None:
        """Count a valid event: the first of a business key is the fact."""
        event = read(record.value or b"", record.headers)
        key = UUID(event["data"][self.kind.business_key])
        appended_at = _ZERO + timedelta(milliseconds=record.appended_milliseconds)
        fact = Fact(record.offset, appended_at, UUID(event["id"]), self._content(event))
        known = self.facts.setdefault(key, fact)
        if known is not fact:
            self.duplicates[record.offset] = _compare(known, fact)

    def _content(self, event: Mapping[str, Any]) -> tuple[Any, ...]:
        data, moment = event["data"], datetime.fromisoformat(event["time"])
        fields = {**data, "province": place_of(data.get("province", ""), day_of(moment))}
        names = (*self.kind.dimensions, *self.kind.details)
        return (bytes.fromhex(event["subject"]), moment, event["source"], *(fields.get(name) for name in names))


def _compare(known: Fact, repeated: Fact) -> str:
    """Name how a record repeats the fact that holds its business key."""
    if known.content != repeated.content:
        return "conflict"
    return "retry" if known.event_id == repeated.event_id else "repeat"
