"""What a person may see of a refused record: values of the contract's closed registers, and of all else the shape."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, get_args

from models.catalogue import KIND_BY_TYPE, Kind
from models.decoding.modes import Headers, read_leniently
from models.events import SOURCES, TIME_PATTERN, UUID_PATTERN, Cause, Channel, Portal, StateBefore
from models.places import PROVINCE_CODES
from models.verdicts import judge
from models.visible import visible

# 60 characters: enough to see what is wrong with a field, and one line on a screen.
_SHOWN_MAX: Final = 60
_ATTRIBUTES: Final = ("specversion", "type", "id", "source", "subject", "time")
_REGISTERED: Final = frozenset(
    (
        *("1.0", 1, 2, *KIND_BY_TYPE, *SOURCES, *PROVINCE_CODES),
        *(value for register in (Channel, Portal, Cause, StateBefore) for value in get_args(register)),
    )
)
_OPAQUE: Final = re.compile(rf"{UUID_PATTERN}|{TIME_PATTERN}", re.ASCII)
_LOWER, _UPPER, _DIGIT = re.compile(r"[^\W\d_A-Z]"), re.compile(r"[A-Z]"), re.compile(r"\d")


def shape_of(text: str) -> str:
    """Return a text with "a" for every letter, "A" for a capital A to Z and "9" for every digit, cut after 60.

    What is not printable has a sign of its own.
    """
    shape = _DIGIT.sub("9", _UPPER.sub("A", _LOWER.sub("a", visible(text[:_SHOWN_MAX]))))
    return f'"{shape}"' if len(text) <= _SHOWN_MAX else f'"{shape}"... ({len(text):,} characters)'


def name_source(value: bytes | None, headers: Headers) -> str:
    """Return the registered upstream system that a record names as its source, in either mode; "" where none."""
    document = read_leniently(value, headers)
    claimed = document.get("source") if isinstance(document, dict) else None
    return claimed if isinstance(claimed, str) and claimed in SOURCES else ""


def show_fields(kind: Kind, value: bytes | None, headers: Headers) -> Iterator[tuple[str, str]]:
    """Yield the fields of the contract that a record of a kind has in either mode, and what may be seen of each.

    Names that the contract does not know are counted and not shown: they may say something of a person, too.
    """
    document = read_leniently(value, headers)
    if not isinstance(document, dict):
        yield "value", "none" if value is None else f"{len(value):,} bytes that are no JSON object"
        return
    data = document.get("data")
    inner = data if isinstance(data, dict) else {}
    fields = {**document, **{f"data.{name}": each for name, each in inner.items()}}
    closed = (*_ATTRIBUTES, *(f"data.{name}" for name in (kind.business_key, *kind.dimensions)))
    free = [f"data.{name}" for name in kind.details]
    yield from ((name, _try(_show, fields[name])) for name in closed if name in fields)
    yield from ((name, _try(lambda free: shape_of(str(free)), fields[name])) for name in free if name in fields)
    others = len(fields.keys() - {*closed, *free, "data"})
    if others:
        yield "others", f"{others:,} that the contract does not know"


def _try(show: Callable[[Any], str], value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return what is shown of a value, such as an integer of 5,000 digits, or by which error it cannot be."""
    return judge(lambda: show(value), lambda error: f"a JSON {type(value).__name__} ({type(error).__name__})")


def _show(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return what may be seen of the value of a field that has a closed form."""
    if isinstance(value, str):
        return f'"{value}"' if value in _REGISTERED or _OPAQUE.fullmatch(value) else shape_of(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if value in _REGISTERED else f"a number: {shape_of(str(value))}"
    return "null" if value is None else f"a JSON {type(value).__name__}"
