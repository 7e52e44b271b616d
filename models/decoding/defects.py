"""Why a record is no event: finds the one reason, in the order of `Reason`. Off the fast path of valid events."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.catalogue import KIND_BY_TYPE, Kind
from models.limits import NESTING_MAX, RECORD_BYTES_MAX
from models.outcomes import Reason, Refused
from models.personal_numbers import reveals_personal_number

# What can hide a NUL, a lone surrogate, NaN or Infinity in bytes that a lenient parser would take.
_SUSPICIOUS: Final = ((b"\\", b"\\u"), (b"N", b"NaN"), (b"I", b"Infinity"), (b"\x00", b"\x00"))
# How gzip, Zstandard and LZ4 begin; UTF-16 with a mark or a brace; Schema Registry: a zero, and an id of four bytes.
_PACKED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
_PREFIX_BYTES: Final = 5
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_DEPTH_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}

_REASON_OF_FIELD: Final = {
    "specversion": Reason.SPECVERSION_WRONG,
    "source": Reason.SOURCE_UNKNOWN,
    "subject": Reason.SUBJECT_INVALID,
    "data.province": Reason.PROVINCE_UNKNOWN,
    "data.level": Reason.LEVEL_UNKNOWN,
    "data.channel": Reason.CHANNEL_UNKNOWN,
    "data.portal": Reason.PORTAL_UNKNOWN,
}
# Attributes in whose place a person's number may stand; time and the rest say nothing of a person.
_PERSONAL_ATTRIBUTES: Final = ("id", "source", "subject")
_PRECEDENCE: Final = {reason: place for place, reason in enumerate(Reason)}


class _NotANumberError(ValueError):
    """NaN or Infinity stands where JSON has no such thing."""


def defect_of_bytes(
    value: bytes | None, headers: Sequence[tuple[str, bytes | None]], bare: bytes | None
) -> Refused | None:
    """Find what is wrong before any JSON is read; bytes that look suspicious are read with care.

    bare -- the value without a byte order mark
    """
    if not value:
        return Refused(Reason.TOMBSTONE if value is None else Reason.EMPTY_VALUE)
    if len(value) > RECORD_BYTES_MAX - measure(headers):
        return Refused(Reason.TOO_LARGE)
    if headers and any(map(_has_forbidden_name, headers)):
        return Refused(Reason.NOT_UTF8, "headers")
    if not bare:
        return Refused(Reason.EMPTY_VALUE)
    return _defect_of_form(bare) or (defect_of_document(bare) if _is_suspicious(bare) else None)


def _defect_of_form(value: bytes) -> Refused | None:
    """Recognise what is no text in UTF-8 but something that senders put into its place."""
    if value.startswith(b"{") and value[1:2] != b"\0":
        return None
    if value.startswith(_PACKED):
        return Refused(Reason.VALUE_COMPRESSED)
    if value.startswith(_UTF_16):
        return Refused(Reason.VALUE_UTF16)
    return Refused(Reason.SCHEMA_REGISTRY_PREFIX) if value.startswith(b"\0") and len(value) > _PREFIX_BYTES else None


def _is_suspicious(value: bytes) -> bool:
    """Tell whether bytes hold a mark, or brackets enough to be nested too deep.

    The one byte of a mark's sign is looked for twenty times as fast as three.
    """
    brackets = value.count(b"{") + value.count(b"[")
    return brackets > NESTING_MAX or any(sign in value and mark in value for sign, mark in _SUSPICIOUS)


def measure(headers: Sequence[tuple[str, bytes | None]]) -> int:
    """Return how many characters and bytes the headers of a record have; an empty one is one more, too."""
    return sum(1 + len(name) + len(value or b"") for name, value in headers) if headers else 0


def _has_forbidden_name(header: tuple[str, bytes | None]) -> bool:
    """Tell whether the name of a header is no text."""
    return not header[0].isascii() and _is_forbidden(header[0])


def defect_of_document(value: bytes) -> Refused | None:
    """Find what keeps bytes from being a JSON object of clean text; None when they are one."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return Refused(Reason.NOT_UTF8)
    if _depth(value) > NESTING_MAX:
        return Refused(Reason.NESTED_TOO_DEEP)
    return Refused(Reason.FORBIDDEN_CHARACTER) if "\x00" in text else _defect_of_json(text)


def _defect_of_json(text: str) -> Refused | None:
    """Find what is wrong with the JSON of a text that is not nested too deep."""
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except _NotANumberError:
        return Refused(Reason.NOT_A_NUMBER)
    except ValueError:
        return Refused(Reason.NOT_JSON)
    if any(map(_is_forbidden, _texts(document))):
        return Refused(Reason.FORBIDDEN_CHARACTER)
    return None if isinstance(document, dict) else Refused(Reason.NOT_AN_OBJECT)


def defect_of_fields(kind: Kind, document: bytes, key: bytes | None, error: ValidationError) -> Refused:
    """Choose the first reason, in the order of `Reason`, for a JSON object that is no event."""
    found = [_refusal(kind, detail) for detail in error.errors(include_url=False, include_context=False)]
    first = min(found, key=lambda refused: _PRECEDENCE[refused.reason])
    return first if first.reason is Reason.NOT_JSON else find_leak(_contract_texts(kind, document, key)) or first


def find_leak(texts: Mapping[str, object]) -> Refused | None:
    """Find the first text that holds a personal ID number in the clear, by the name of its field."""
    for field, said in texts.items():
        if reveals_personal_number(said if isinstance(said, str) else json.dumps(said)):
            return Refused(Reason.PERSONAL_DATA_IN_CLEAR, field)
    return None


def _contract_texts(kind: Kind, document: bytes, key: bytes | None) -> dict[str, object]:
    """Return key and attributes of the contract, as far as they may say something of a person; others are not kept."""
    attributes = json.loads(document)
    data = attributes.get("data")
    texts = {"key": (key or b"").decode(errors="replace"), "data": data}
    texts |= {name: attributes.get(name) for name in _PERSONAL_ATTRIBUTES}
    if isinstance(data, dict):
        texts |= {f"data.{name}": data.get(name) for name in (kind.business_key, *kind.dimensions, *kind.details)}
    return texts


def _refusal(kind: Kind, detail: ErrorDetails) -> Refused:
    """Turn one validation error into a refusal; its input is looked at and not kept."""
    field = ".".join(str(part) for part in detail["loc"]) or "data"
    return Refused(_reason(kind, field, detail["type"], detail["input"]), field)


def _reason(kind: Kind, field: str, error: str, written: object) -> Reason:
    """Name the reason for a fault in a field."""
    if error == "json_invalid":
        return Reason.NOT_JSON
    if field == f"data.{kind.business_key}":
        return Reason.BUSINESS_KEY_INVALID
    if field == "type":
        return (
            Reason.TYPE_ON_WRONG_TOPIC if isinstance(written, str) and written in KIND_BY_TYPE else Reason.TYPE_UNKNOWN
        )
    if field == "id":
        return {"missing": Reason.ID_MISSING, "string_too_long": Reason.ID_TOO_LONG}.get(error, Reason.ID_NOT_UUID)
    if field == "time":
        return Reason.TIME_WITHOUT_OFFSET if error == "timezone_aware" else Reason.TIME_INVALID
    return _REASON_OF_FIELD.get(field, Reason.DATA_INVALID)


def _depth(value: bytes) -> int:
    """Return how deep brackets are nested outside of strings."""
    brackets = (_DEPTH_STEP.get(byte, 0) for byte in _STRING.sub(b"", value))
    return max(accumulate(brackets), default=0)


def _texts(document: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield every text in a JSON value, keys included, without recursion."""
    waiting = [document]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case list() as items:
                waiting.extend(items)
            case dict() as members:
                waiting.extend((*members.keys(), *members.values()))


def _is_forbidden(text: str) -> bool:
    """Tell whether a text holds a NUL or a lone surrogate, which neither UTF-8 nor Postgres can keep."""
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


def _refuse_constant(_name: str) -> NoReturn:
    raise _NotANumberError
