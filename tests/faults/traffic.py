"""What upstream systems would publish, from a seed: facts, late ones, retries, repeats, conflicts, broken records."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Final, NamedTuple
from uuid import UUID

from tests.faults.contract import (
    CAUSES,
    CHANNELS,
    EARLIEST_DAY,
    KINDS,
    LEVELS,
    MERGED_ON,
    PARTITIONS,
    PORTALS,
    SOURCES,
    STATES_BEFORE,
    VIETNAM,
    Kind,
    Lane,
    partition_of,
    provinces_on,
)
from tests.faults.malformed import spoil
from tests.faults.record import Record, write_binary, write_structured

# Shares of all records, enough of each in a minute at 100 events a second.
_MALFORMED: Final = 0.01
_RETRY: Final = 0.02
_REPEAT: Final = 0.01
_CONFLICT: Final = 0.005
_LATE: Final = 0.05
_BINARY: Final = 0.1
# A detail is optional.
_DETAILED: Final = 0.1
# A conflict may come under the event id of what it contradicts.
_SAME_ID: Final = 0.2
# One partition gets a hundredth of what the others get: its page must be shown all the same.
QUIET: Final = Lane(KINDS[1].topic, 5)
_QUIET_SHARE: Final = 0.01
# 20 s: how long an event takes to its publisher.
_DELAY_SECONDS_MAX: Final = 20.0
# 3,000 facts that may be sent once more: recent ones, and some from long before.
_KNOWN_MAX: Final = 3_000
_PERIODS: Final = {False: EARLIEST_DAY, True: MERGED_ON}


class Event(NamedTuple):
    """A valid event and the partition that all its records go to."""

    kind: Kind
    partition: int
    attributes: Mapping[str, Any]


class Traffic:
    """An endless stream of records, the same for the same seed and moments."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - must be repeatable, guards nothing
        self._known: list[Event] = []

    def make(self, moment: datetime) -> Record:
        """Return the next record as it would be published at an aware moment."""
        roll = self._random.random()
        if self._known and roll < _RETRY + _REPEAT + _CONFLICT:
            return self._repeat(roll, moment)
        if roll > 1 - _MALFORMED:
            return self._spoil(moment)
        event = self._invent(moment)
        self._remember(event)
        return self._write(event, fact=True)

    def make_facts(self, records: int, moment: datetime) -> list[Record]:
        """Return records of new facts that are never repeated: a transaction that is not committed may hide them."""
        return [self._write(self._invent(moment), fact=True) for _ in range(records)]

    def make_storm(self, records: int, moment: datetime) -> list[Record]:
        """Return at least so many records of new facts, each up to three times, and out of order."""
        made = [copy for _ in range(records // 2) for copy in self._make_copies(moment)]
        self._random.shuffle(made)
        return made

    def _make_copies(self, moment: datetime) -> list[Record]:
        event = self._invent(moment)
        copies = [self._write(event) for _ in range(self._random.randint(1, 2))]
        return [self._write(event, fact=True), *copies]

    def _repeat(self, roll: float, moment: datetime) -> Record:
        """Send a known fact once more: the same event, the same content under a new id, or other content."""
        event = self._random.choice(self._known)
        if roll < _RETRY:
            return self._write(event)
        if roll < _RETRY + _REPEAT:
            return self._write(event._replace(attributes={**event.attributes, "id": self._make_uuid(moment)}))
        return self._write(self._contradict(event, moment))

    def _contradict(self, event: Event, moment: datetime) -> Event:
        """Return an event of the same key and subject with other content, which belongs to the same partition."""
        kind, old = event.kind, event.attributes
        new = self._describe(kind, event.partition, moment)
        new["data"][kind.business_key] = old["data"][kind.business_key]
        new["subject"] = old["subject"]
        if self._random.random() < _SAME_ID:
            new["id"] = old["id"]
        return event._replace(attributes=new)

    def _spoil(self, moment: datetime) -> Record:
        event = self._invent(moment)
        return spoil(self._random, event.kind, Lane(event.kind.topic, event.partition), event.attributes)

    def _invent(self, moment: datetime) -> Event:
        kind = self._random.choice(KINDS)
        partition = self._random.randrange(PARTITIONS)
        if (kind.topic, partition) == QUIET and self._random.random() > _QUIET_SHARE:
            partition = (partition + 1) % PARTITIONS
        return Event(kind, partition, self._describe(kind, partition, moment))

    def _describe(self, kind: Kind, partition: int, moment: datetime) -> dict[str, Any]:
        """Return the attributes of a new event whose lane dimension tells its partition."""
        happened_at = self._choose_time(moment)
        data = {kind.business_key: self._make_uuid(moment), **self._fill(kind, partition, happened_at.date())}
        return {
            "specversion": "1.0",
            "type": kind.type,
            "id": self._make_uuid(moment),
            "source": self._random.choice(SOURCES),
            "subject": self._random.randbytes(32).hex(),
            "time": happened_at.isoformat(timespec=self._random.choice(("milliseconds", "microseconds"))),
            "data": data,
        }

    def _fill(self, kind: Kind, partition: int, day: date) -> dict[str, Any]:
        """Return the dimensions and details of an event."""
        own = {"portal": _PORTALS[partition], "province": _PROVINCES[day >= MERGED_ON, partition]}
        values: Mapping[str, Sequence[Any]] = {**_VALUES, **own}
        data = {name: self._random.choice(values[name]) for name in kind.dimensions}
        if kind.details and self._random.random() < _DETAILED:
            data["desk"] = f"desk {self._random.randrange(100)}"
        return data

    def _choose_time(self, moment: datetime) -> datetime:
        """Return when an event happened, in Vietnam's time: just now, or for a few on any day before."""
        if self._random.random() > _LATE:
            return moment.astimezone(VIETNAM) - timedelta(seconds=self._random.uniform(0, _DELAY_SECONDS_MAX))
        first = datetime.combine(EARLIEST_DAY, time(), VIETNAM)
        return first + (moment - first) * self._random.random()

    def _make_uuid(self, moment: datetime) -> str:
        """Return a UUID of version 7: 48 bits of milliseconds, then chance (RFC 9562, section 5.7)."""
        milliseconds = int(moment.timestamp() * 1000)
        bits = milliseconds << 80 | self._random.getrandbits(80) & ~(0xF << 76 | 0x3 << 62)
        return str(UUID(int=bits | 0x7 << 76 | 0x2 << 62))

    def _remember(self, event: Event) -> None:
        if len(self._known) < _KNOWN_MAX:
            self._known.append(event)
        else:
            self._known[self._random.randrange(_KNOWN_MAX)] = event

    def _write(self, event: Event, *, fact: bool = False) -> Record:
        """Return an event as a record, in structured or in binary mode."""
        lane = Lane(event.kind.topic, event.partition)
        write = write_binary if self._random.random() < _BINARY else write_structured
        return write(lane, event.attributes)._replace(fact=fact)


_VALUES: Final[Mapping[str, Sequence[Any]]] = {
    "channel": CHANNELS,
    "level": LEVELS,
    "cause": CAUSES,
    "state_before": STATES_BEFORE,
}
_PORTALS: Final = [[portal for portal in PORTALS if partition_of(portal) == lane] for lane in range(PARTITIONS)]
_PROVINCES: Final = {
    (merged, lane): [code for code in provinces_on(first_day) if partition_of(code) == lane]
    for merged, first_day in _PERIODS.items()
    for lane in range(PARTITIONS)
}
