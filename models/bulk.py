"""Many records at once: what is asked of every record is asked of all of them in one step.

Where one of them is anything but a valid event in structured mode, or has headers that say more than that, each is
decoded by itself: `decode` alone says what an event is, and what is wrong with one that is none.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import repeat
from operator import attrgetter, sub
from typing import Any, Final, Protocol

from pydantic import ValidationError

from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_IN_UTC, day_of, in_utc
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.codec import STRUCTURED, Accepted, Headers, decode
from models.defects import are_plain
from models.events import Event
from models.outcomes import Refused
from models.places import place_at
from models.pseudonym import reveals_personal_number

_PLAIN_HEADERS: Final = frozenset({(), (("content-type", STRUCTURED.encode()),)})


def _read_with(kind: Kind) -> Callable[[Event], tuple[Any, ...]]:
    """Return what reads key and content from an event of a kind, in one step."""
    own = (kind.business_key, *kind.dimensions, *kind.details)
    key, *fields = (f"data.{name}" for name in own)
    return attrgetter(key, "id", "subject", "time", "source", *fields)


_READ: Final = {kind.name: _read_with(kind) for kind in KINDS}


class Record(Protocol):
    """A record as a client of Kafka delivers it."""

    @property
    def key(self) -> bytes | None:
        """What chose the partition."""

    @property
    def value(self) -> bytes | None:
        """The event, or in binary mode its data."""

    @property
    def headers(self) -> Headers:
        """Name and value of each."""


def decode_all(topic: str, records: Sequence[Record], appended_ats: Sequence[datetime]) -> Sequence[Accepted | Refused]:
    """Read records of one input topic, as `decode` reads each. Raises KeyError for an unknown topic.

    appended_ats -- the broker's append time of each
    """
    plain = _decode_plain(KIND_BY_TOPIC[topic], records, appended_ats) if records else None
    if plain is not None:
        return plain
    return [
        decode(topic, record.key, record.value, record.headers, appended_at)
        for record, appended_at in zip(records, appended_ats, strict=True)
    ]


def _decode_plain(kind: Kind, records: Sequence[Record], appended_ats: Sequence[datetime]) -> list[Accepted] | None:
    """Read records that are all valid events in structured mode; None where one is anything else."""
    values = [record.value for record in records if record.value and tuple(record.headers) in _PLAIN_HEADERS]
    if len(values) < len(records) or not are_plain(values):
        return None
    try:
        events = map(kind.event.__pydantic_validator__.validate_json, values)
        keys, ids, subjects, times, sources, *fields = zip(*map(_READ[kind.name], events), strict=True)
    except ValidationError:
        return None
    moments = list(map(in_utc, times))
    days = list(map(day_of, moments))
    own_keys = [record.key for record in records] == list(map(str.encode, subjects))
    if (
        not own_keys
        or not _are_timely(moments, appended_ats)
        or _reveal(kind, fields)
        or not _place(kind, fields, days)
    ):
        return None
    contents = zip(map(bytes.fromhex, subjects), moments, sources, *fields, strict=True)
    counted = zip(days, sources, *fields[: len(kind.dimensions)], strict=True)
    return list(map(Accepted._make, zip(repeat(kind, len(values)), keys, ids, contents, counted, strict=True)))


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
