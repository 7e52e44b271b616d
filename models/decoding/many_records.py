"""Many records at once: what is asked of every record is asked of all of them in one step.

Where one of them is anything but a valid event in structured mode, or has headers that say more than that, each is
decoded by itself: `decode` alone says what an event is, and what is wrong with one that is none.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import attrgetter, sub
from typing import Any, Final, NamedTuple, Protocol

from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_IN_UTC, day_of, in_utc, moment_of
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.decoding.defects import are_plain, measure
from models.decoding.modes import STRUCTURED, Headers
from models.decoding.one_record import Counted, decode
from models.decoding.row import Row
from models.decoding.versions import reader_of
from models.events import Event
from models.limits import RECORD_BYTES_MAX
from models.outcomes import Refused
from models.personal_numbers import reveals_personal_number
from models.places import place_at
from models.verdicts import judge

# As CloudEvents asks for it, and as the SDK of Python writes it.
_MEDIA: Final = (STRUCTURED.encode(), b"application/json")
_PLAIN_HEADERS: Final = frozenset({(), *((("content-type", media),) for media in _MEDIA)})
# Beside any of them a value of so many bytes is not too large.
_PLAIN_BYTES_MAX: Final = RECORD_BYTES_MAX - max(map(measure, _PLAIN_HEADERS))


class Decoded(NamedTuple):
    """What became of records of one topic, each kind of outcome in their order."""

    facts: list[Row]
    counted: list[Counted]  # of each fact
    refused: list[tuple[int, Refused]]  # the place among the records, and why


class Record(Protocol):
    """A record as a client of Kafka delivers it."""

    @property
    def partition(self) -> int:
        """Where it stands."""

    @property
    def offset(self) -> int:
        """Where it stands in its partition."""

    @property
    def timestamp(self) -> int:
        """When the broker appended it: milliseconds since 1970, UTC."""

    @property
    def key(self) -> bytes | None:
        """What chose the partition."""

    @property
    def value(self) -> bytes | None:
        """The event, or in binary mode its data."""

    @property
    def headers(self) -> Headers:
        """Name and value of each."""


def _read_with(kind: Kind) -> Callable[[Event], tuple[Any, ...]]:
    """Return what reads key and content from an event of a kind, in one step."""
    own = (kind.business_key, *kind.dimensions, *kind.details)
    key, *fields = (f"data.{name}" for name in own)
    return attrgetter(key, "id", "subject", "time", "source", *fields)


_READ: Final = {kind.name: _read_with(kind) for kind in KINDS}
_READ_RECORD: Final = attrgetter("key", "value", "headers", "partition", "offset", "timestamp")


def decode_all(topic: str, records: Sequence[Record]) -> Decoded:
    """Read records of one input topic, as `decode` reads each. Raises KeyError for an unknown topic."""
    kind = KIND_BY_TOPIC[topic]
    plain = judge(lambda: _decode_plain(kind, records), lambda _error: None) if records else None
    return plain or _decode_each(kind, records)


def _decode_each(kind: Kind, records: Sequence[Record]) -> Decoded:
    """Read records one by one."""
    decoded = Decoded([], [], [])
    for place, record in enumerate(records):
        appended_at = moment_of(record.timestamp)
        outcome = decode(kind.topic, record.key, record.value, record.headers, appended_at)
        if isinstance(outcome, Refused):
            decoded.refused.append((place, outcome))
        else:
            own = (outcome.key, outcome.event_id, *outcome.content)
            decoded.facts.append((*own, record.partition, record.offset, appended_at))
            decoded.counted.append(outcome.counted)
    return decoded


def _decode_plain(kind: Kind, records: Sequence[Record]) -> Decoded | None:
    """Read records that are all valid events in structured mode; None where one is anything else.

    Raises ValidationError where one is no event, and whatever our program fails by.
    """
    record_keys, values, headers, partitions, offsets, timestamps = zip(*map(_READ_RECORD, records), strict=True)
    if not (all(values) and _PLAIN_HEADERS.issuperset(map(tuple, headers)) and are_plain(values, _PLAIN_BYTES_MAX)):
        return None
    events = list(map(reader_of(kind), values))
    keys, ids, subjects, times, sources, *fields = zip(*map(_READ[kind.name], events), strict=True)
    moments, appended_ats = list(map(in_utc, times)), list(map(moment_of, timestamps))
    days = list(map(day_of, moments))
    if (
        record_keys != tuple(map(str.encode, subjects))
        or not _are_timely(moments, appended_ats)
        or _reveal(kind, fields)
        or not _place(kind, fields, days)
    ):
        return None
    own = (keys, ids, map(bytes.fromhex, subjects), moments, sources, *fields)
    counted = zip(days, sources, *fields[: len(kind.dimensions)], strict=True)
    return Decoded(list(zip(*own, partitions, offsets, appended_ats, strict=True)), list(counted), [])


def _are_timely(moments: Sequence[datetime], appended_ats: Sequence[datetime]) -> bool:
    """Tell whether every event is of a time at which it can have happened."""
    return max(map(sub, moments, appended_ats)) <= CLOCK_AHEAD_MAX and min(moments) >= EARLIEST_IN_UTC


def _reveal(kind: Kind, fields: Sequence[Sequence[Any]]) -> bool:
    """Tell whether a free text looks as if it held a personal ID number."""
    return any(reveals_personal_number(text) for texts in fields[len(kind.dimensions) :] for text in texts if text)


def _place(kind: Kind, fields: list[Any], days: Sequence[date]) -> bool:
    """Name provinces by the place of the day, as they are kept; tell whether each was in force."""
    if "province" not in kind.dimensions:
        return True
    column = kind.dimensions.index("province")
    fields[column] = list(map(place_at, fields[column], days))
    return None not in fields[column]
