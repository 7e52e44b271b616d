"""Bytes and headers of a record <-> event: CloudEvents 1.0 over Kafka, in structured and in binary mode."""

from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_IN_UTC, day_of, in_utc
from models.catalogue import KIND_BY_TOPIC, KINDS, EventClass, Kind
from models.decoding.defects import defect_of_document, defect_of_fields, find_leak
from models.decoding.modes import Headers, as_document
from models.events import Event
from models.outcomes import Reason, Refused
from models.places import place_at
from models.verdicts import judge

# By kind: reads the business key and every field that is kept from the data of an event, in one step.
_READ_DATA: Final = {kind.name: attrgetter(kind.business_key, *kind.dimensions, *kind.details) for kind in KINDS}
Counted = tuple[date, *tuple[Any, ...]]  # the day in Vietnam, then source and dimensions


class Accepted(NamedTuple):
    """A valid event, flat as the ledger keeps it. Two facts are the same when `key` and `content` are equal."""

    kind: Kind
    key: str  # a UUID in lower case, as event_id
    event_id: str
    # subject (32 bytes), occurred_at (in UTC), then source, dimensions and details as in the catalogue
    content: tuple[Any, ...]
    counted: Counted


def decode(
    topic: str, key: bytes | None, value: bytes | None, headers: Headers, appended_at: datetime
) -> Accepted | Refused:
    """Read one record of an input topic; say what it is, or why it is none. Raises KeyError for an unknown topic.

    appended_at -- the broker's append time; whether an event is "in the future" is judged against it.
    """
    kind = KIND_BY_TOPIC[topic]
    return judge(
        lambda: _decode(kind, key, value, headers, appended_at),
        lambda error: Refused(Reason.PROGRAM_FAULT, type(error).__name__),
    )


def _decode(
    kind: Kind, key: bytes | None, value: bytes | None, headers: Headers, appended_at: datetime
) -> Accepted | Refused:
    """Read one record of a kind's topic. Raises whatever our program fails by."""
    document = as_document(value, headers)
    if isinstance(document, Refused):
        return document
    try:
        event = _read(kind, document)
    except ValidationError as error:
        return defect_of_document(document) or defect_of_fields(kind, document, key, error)
    return _check(kind, event, key, appended_at)


def _read(kind: Kind, document: bytes) -> Event:
    """Read an event of a kind from a JSON object.

    Raises ValidationError, with what is wrong in the version that the object says it is written in.
    """
    version = _version_of(kind, document) if kind.earlier else kind.event
    return version.model_validate_json(document)


def _version_of(kind: Kind, document: bytes) -> EventClass:
    """Return the class of the type that a document names; the newest where it names none."""
    try:
        parsed = from_json(document)
    except ValueError:
        return kind.event
    named = parsed.get("type") if isinstance(parsed, dict) else None
    return kind.versions.get(named, kind.event) if isinstance(named, str) else kind.event


def encode(event: Event) -> bytes:
    """Write an event in structured mode; its record key is `event.subject`."""
    return to_json(event, exclude_none=True)


def _check(kind: Kind, event: Event, key: bytes | None, appended_at: datetime) -> Accepted | Refused:
    """Check what one field alone cannot show, in the order of `Reason`."""
    is_own_key = key == event.subject.encode()
    if leak := find_leak(_free_texts(kind, event, b"" if is_own_key else key)):
        return leak
    if not is_own_key:
        return Refused(Reason.KEY_NOT_SUBJECT if key else Reason.KEY_MISSING, "key")
    moment = in_utc(event.time)
    if moment - appended_at > CLOCK_AHEAD_MAX:
        return Refused(Reason.TIME_IN_FUTURE, "time")
    if moment < EARLIEST_IN_UTC:
        return Refused(Reason.TIME_TOO_EARLY, "time")
    return _flatten(kind, event, moment)


def _free_texts(kind: Kind, event: Event, key: bytes | None) -> dict[str, object]:
    """Return what a valid event says beside the fields that are valid by their own pattern."""
    texts: dict[str, object] = {"key": key.decode(errors="replace")} if key else {}
    for name in kind.details:
        texts[f"data.{name}"] = getattr(event.data, name)
    return texts


def _flatten(kind: Kind, event: Event, moment: datetime) -> Accepted | Refused:
    """Lay an event out as the ledger keeps it, its province named by the place of that day."""
    key, *fields = _READ_DATA[kind.name](event.data)
    day, dimensions = day_of(moment), kind.dimensions
    if "province" in dimensions:
        place = place_at(event.data.province, day)
        if place is None:
            return Refused(Reason.PROVINCE_NOT_IN_FORCE, "data.province")
        fields[dimensions.index("province")] = place
    content = (bytes.fromhex(event.subject), moment, event.source, *fields)
    return Accepted(kind, key, event.id, content, (day, event.source, *fields[: len(dimensions)]))
