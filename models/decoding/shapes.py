"""What an event of a kind looks like, by its pydantic classes: how to read one quickly, and what each field allows.

msgspec reads the JSON; it takes only what has the attributes of the contract, each of the right type. What their values
may be is checked of many at once: a field is one of a register, a whole number within bounds, or a free text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from math import inf
from operator import attrgetter, or_
from typing import Any, Final, Literal

import msgspec

from models.catalogue import SOURCE, EventClass, Kind, type_of
from models.personal_numbers import reveals_personal_number

_TYPES: Final[Mapping[str, Any]] = {"string": str, "integer": int, "null": None}
# 50,000 texts: names of desks come again and again, and each is looked at once.
_TEXTS_MAX: Final = 50_000

Check = Callable[[Sequence[Any]], bool]
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """How events of a kind are read.

    read -- reads JSON that has the attributes of the contract and no others
    read_more -- passes over other attributes, whatever these are
    in_event -- return id, subject, time and source of what was read
    in_data -- return business key, dimensions and details of its data
    checks -- whether every value of a column is allowed, by its place among source, dimensions and details
    """

    read: Callable[[bytes], Any]
    read_more: Callable[[bytes], Any]
    in_event: Sequence[Callable[[Any], Any]]
    in_data: Sequence[Callable[[Any], Any]]
    checks: Sequence[tuple[int, Check]]


@cache
def shape_of(kind: Kind) -> Shape:
    """Return the shape of a kind's events.

    One of an earlier version is read as well, unless it allows other values in a field that the newest one has.
    """
    names = (SOURCE, *kind.dimensions, *kind.details)
    fields = _fields_of(kind.event)
    alike = [event for event in kind.versions.values() if _agree(_fields_of(event), fields)]
    read, read_more = (
        msgspec.json.Decoder(reduce(or_, [_struct(kind, event, exact=exact) for event in alike])).decode
        for exact in (True, False)
    )
    return Shape(
        read,
        read_more,
        in_event=[attrgetter(name) for name in ("id", "subject", "time", SOURCE)],
        in_data=[attrgetter(name) for name in (kind.business_key, *kind.dimensions, *kind.details)],
        # What place a province has depends on the day; who names it by that finds out whether there is one.
        checks=[(place, _check_of(fields[name])) for place, name in enumerate(names) if name != "province"],
    )


def _data_of(event: EventClass) -> Any:  # noqa: ANN401 - a class of pydantic
    return event.model_fields["data"].annotation


@cache
def _schema_of(event: EventClass) -> Schema:
    """Return the JSON Schema of a version's data."""
    schema: Schema = _data_of(event).model_json_schema()
    return schema


@cache
def _fields_of(event: EventClass) -> Schema:
    """Return what every field of a version allows by its name, those of its data beside the others."""
    fields = {**event.model_json_schema()["properties"], **_schema_of(event)["properties"]}
    words = {"description", "title"}
    return {name: {key: told for key, told in field.items() if key not in words} for name, field in fields.items()}


def _agree(fields: Schema, newest: Schema) -> bool:
    """Tell whether a version allows in its fields what the newest one does."""
    return all(newest.get(name, field) == field for name, field in fields.items() if name not in {"type", "data"})


def _struct(kind: Kind, event: EventClass, *, exact: bool) -> type[msgspec.Struct]:
    """Return the class that events of a version are read as; what the version does not have, its class says."""
    data = _data_of(event)
    schema = _schema_of(event)
    own = (*kind.dimensions, *kind.details)
    inner = msgspec.defstruct(
        f"{kind.name}_data",
        [_field(name, field, schema["required"]) for name, field in schema["properties"].items()],
        namespace={name: getattr(data, name) for name in own if name not in data.model_fields},
        gc=False,
        forbid_unknown_fields=exact,
    )
    attributes: list[Any] = [
        ("specversion", Literal["1.0"]),
        *((name, str) for name in ("id", SOURCE, "subject", "time")),
    ]
    # Of one class alone msgspec would do without its tag.
    named: Any = {"tag_field": "type", "tag": type_of(event)} if kind.earlier else {}
    attributes += [] if kind.earlier else [("type", Literal[type_of(event)])]
    fields = [*attributes, ("data", inner)]
    return msgspec.defstruct(kind.name, fields, **named, gc=False, forbid_unknown_fields=exact)


def _field(name: str, field: Schema, required: Sequence[str]) -> Any:  # noqa: ANN401 - as msgspec takes it
    return (name, _type_of(field)) if name in required else (name, _type_of(field), field["default"])


def _type_of(field: Schema) -> Any:  # noqa: ANN401 - a type, as msgspec takes it
    """Return the type of a field: that of its values, without what they may be."""
    return reduce(or_, map(_type_of, field["anyOf"])) if "anyOf" in field else _TYPES[field["type"]]


def _check_of(field: Schema) -> Check:
    """Return what tells of a column whether the contract allows every value."""
    if "enum" in field:
        return frozenset(field["enum"]).issuperset
    if field.get("type") == "integer":
        least, most = field["minimum"], field["maximum"]
        return lambda column: bool(least <= min(column) and max(column) <= most)
    known = _Harmless(min(either.get("maxLength", inf) for either in field.get("anyOf", [field])))
    return lambda column: all(map(known.__getitem__, column))


class _Harmless(dict[str | None, bool]):
    """Whether a free text may be kept.

    length -- how many characters it may have
    """

    def __init__(self, length: float) -> None:
        super().__init__()
        self._length = length

    def __missing__(self, text: str | None) -> bool:
        if len(self) >= _TEXTS_MAX:
            self.clear()
        found = self[text] = not text or self._is_harmless(text)
        return found

    def _is_harmless(self, text: str) -> bool:
        return len(text) <= self._length and "\x00" not in text and not reveals_personal_number(text)
