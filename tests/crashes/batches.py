"""What is published for one crash: facts of every kind, a retry, a record that is refused, and the one late fact."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any, Final, NamedTuple

from models.catalogue import KINDS, Kind
from models.topics import PARTITIONS
from tests.integration.events import make_event, to_record
from upstream.publishing.outgoing import Outgoing

Source = tuple[str, int]
SOURCES: Final = tuple((kind.topic, partition) for partition in range(PARTITIONS) for kind in KINDS)

# The day that most facts have: that of `make_event`.
DAY: Final = date(2024, 6, 5)
# The first late day; each crash has one of its own.
_FIRST_LATE_DAY: Final = date(2016, 1, 1)
_KIND_OF: Final = {kind.topic: kind for kind in KINDS}


class Outcome(Enum):
    """What must become of a record."""

    FACT = "fact"
    RETRY = "retry"
    REFUSED = "refused"


class Sending(NamedTuple):
    """A record, where it goes, and what must become of it."""

    record: Outgoing
    partition: int
    outcome: Outcome
    day: date = DAY

    @property
    def source(self) -> Source:
        """Its source partition."""
        return self.record.topic, self.partition


def late_day(number: int) -> date:
    """Return the late day of a crash by its number."""
    return _FIRST_LATE_DAY + timedelta(days=number)


def make_late(idle: Source, day: date) -> Sending:
    """Return the one fact of a partition that is idle from then on."""
    kind = _KIND_OF[idle[0]]
    event = make_event(kind, time=f"{day}T09:30:00+07:00")
    return Sending(to_record(kind, event), idle[1], Outcome.FACT, day)


def make_batch(idle: Source, stored: Mapping[str, Any]) -> Iterator[Sending]:
    """Yield records for every source partition but the idle one.

    stored -- an event of the first kind that is in the ledger: it is sent again
    """
    others = [source for source in SOURCES if source != idle]
    for topic, partition in others:
        yield _send(_KIND_OF[topic], make_event(_KIND_OF[topic]), partition, Outcome.FACT)
    first = KINDS[0]
    partition = next(number for topic, number in others if topic == first.topic)
    yield _send(first, stored, partition, Outcome.RETRY)
    yield _send(first, make_event(first, specversion="0.3"), partition, Outcome.REFUSED)


def make_first(event: Mapping[str, Any]) -> Sending:
    """Return the record that puts an event of the first kind into the ledger."""
    return _send(KINDS[0], event, 0, Outcome.FACT)


def _send(kind: Kind, event: Mapping[str, Any], partition: int, outcome: Outcome) -> Sending:
    return Sending(to_record(kind, event), partition, outcome)
