"""Records that are no valid event, each in one way and so with one reason; several ways a kind."""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from tests.faults.contract import Kind, Lane
from tests.faults.record import Record, write_structured

Attributes = Mapping[str, Any]
Way = Callable[[Kind, Attributes], tuple[bytes | None, bytes | None]]

# Invented: it has the twelve digits of a personal ID number and belongs to nobody (the year of birth has not come).
PERSONAL_NUMBER: Final = "001999999999"
_NOWHERE: Final = Lane("", 0)


def spoil(random: Random, kind: Kind, lane: Lane, attributes: Attributes) -> Record:
    """Return a valid event as a record with one fault."""
    reason = random.choice([*_WAYS, *_DIMENSION_WAYS[kind.lane_dimension], *_DETAIL_WAYS[bool(kind.details)]])
    way = _WAYS.get(reason) or _replace_data(_DATA_FAULTS[reason])
    key, value = way(kind, attributes)
    return Record(lane, key, value, reason=reason)


def _replace(**faults: object) -> Way:
    """Return a way that replaces attributes."""
    return lambda _kind, attributes: _encode({**attributes, **faults})


def _replace_data(faults: Attributes) -> Way:
    """Return a way that replaces fields of the data, and attributes where the fault needs it."""
    return lambda _kind, attributes: _encode(
        {**attributes, "time": faults.get("time", attributes["time"])}
        | {"data": {**attributes["data"], **{name: fault for name, fault in faults.items() if name != "time"}}}
    )


def _encode(attributes: Attributes) -> tuple[bytes | None, bytes | None]:
    return write_structured(_NOWHERE, attributes)[1:3]


def _key(attributes: Attributes) -> bytes:
    return str(attributes["subject"]).encode()


def _cut(_kind: Kind, attributes: Attributes) -> tuple[bytes | None, bytes | None]:
    key, value = _encode(attributes)
    return key, (value or b"")[:-1]


def _drop_id(_kind: Kind, attributes: Attributes) -> tuple[bytes | None, bytes | None]:
    return _encode({name: content for name, content in attributes.items() if name != "id"})


def _spoil_business_key(kind: Kind, attributes: Attributes) -> tuple[bytes | None, bytes | None]:
    return _encode({**attributes, "data": {**attributes["data"], kind.business_key: "no UUID"}})


_WAYS: Final[Mapping[str, Way]] = {
    "tombstone": lambda _kind, attributes: (_key(attributes), None),
    "empty_value": lambda _kind, attributes: (_key(attributes), b""),
    "not_utf8": lambda _kind, attributes: (_key(attributes), b'{"specversion": "\xff\xfe"}'),
    "not_json": _cut,
    "not_an_object": lambda _kind, attributes: (_key(attributes), json.dumps([attributes]).encode()),
    "specversion_wrong": _replace(specversion="0.3"),
    "type_unknown": _replace(type="vn.project06.unheard.of.v1"),
    "id_missing": _drop_id,
    "id_not_uuid": _replace(id="no UUID"),
    "source_unknown": _replace(source="urn:vn:project06:nobody"),
    "time_without_offset": _replace(time="2024-06-05T09:30:00"),
    "time_invalid": _replace(time="yesterday"),
    "business_key_invalid": _spoil_business_key,
    "key_missing": lambda _kind, attributes: (None, _encode(attributes)[1]),
    "key_not_subject": lambda _kind, attributes: (b"somebody else", _encode(attributes)[1]),
    "time_too_early": _replace(time="2015-12-31T23:59:59+07:00"),
    "time_in_future": _replace(time="2099-01-01T00:00:00+07:00"),
}
_DATA_FAULTS: Final[Mapping[str, Attributes]] = {
    "province_unknown": {"province": "03"},
    "province_not_in_force": {"province": "02", "time": "2025-07-01T00:00:00+07:00"},
    "portal_unknown": {"portal": "post-office"},
    "personal_data_in_clear": {"desk": f"citizen {PERSONAL_NUMBER}"},
}
_DIMENSION_WAYS: Final = {
    "province": ("province_unknown", "province_not_in_force"),
    "portal": ("portal_unknown",),
}
_DETAIL_WAYS: Final = {True: ("personal_data_in_clear",), False: ()}
