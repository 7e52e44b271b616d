"""Published test vectors of the codec: records with what becomes of them, at least one for every reason of refusal."""

import json
from base64 import b64encode
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS, Kind
from models.decoding.modes import STRUCTURED, Headers
from models.limits import RECORD_BYTES_MAX
from models.outcomes import Reason
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, EXAMPLE_SUBJECT, INVENTED_NUMBER, example_of

NOTE: Final = (
    "A record is (topic, key, headers, value) appended by the broker at appended_at. Its value is the bytes of "
    "value_base64, repeated value_times times; null is a record without a value. Personal numbers are INVENTED."
)
ACCEPTED: Final = "accepted"

# A change to a valid event: the path of a field and what is written there, or _ABSENT.
Change = tuple[str, object]
_ABSENT: Final = object()

_FAULTS: Final[tuple[tuple[str, Reason, Change], ...]] = (
    ("specversion 0.3", Reason.SPECVERSION_WRONG, ("specversion", "0.3")),
    ("unknown type", Reason.TYPE_UNKNOWN, ("type", "vn.project06.account.opened.v1")),
    ("no type", Reason.TYPE_UNKNOWN, ("type", _ABSENT)),
    ("a login on the topic of accounts", Reason.TYPE_ON_WRONG_TOPIC, ("type", LOGINS.type)),
    ("no id", Reason.ID_MISSING, ("id", _ABSENT)),
    ("37 characters of id", Reason.ID_TOO_LONG, ("id", "018fffc4-35c0-70eb-930d-77e7dd6108ff0")),
    ("id without hyphens", Reason.ID_NOT_UUID, ("id", "018fffc435c070eb930d77e7dd6108ff")),
    ("unregistered source", Reason.SOURCE_UNKNOWN, ("source", "urn:vn:project06:kiosk")),
    ("subject in upper case", Reason.SUBJECT_INVALID, ("subject", EXAMPLE_SUBJECT.upper())),
    ("time without offset", Reason.TIME_WITHOUT_OFFSET, ("time", "2024-06-10T08:30:00")),
    ("a day that does not exist", Reason.TIME_INVALID, ("time", "2024-02-30T08:30:00+07:00")),
    ("a date alone", Reason.TIME_INVALID, ("time", "2024-06-10")),
    ("a leap second", Reason.TIME_INVALID, ("time", "2016-12-31T23:59:60Z")),
    ("data is a text", Reason.DATA_INVALID, ("data", "level 2")),
    ("no data", Reason.DATA_INVALID, ("data", _ABSENT)),
    ("account is no UUID", Reason.BUSINESS_KEY_INVALID, ("data.account", "A-1")),
    ("province 99", Reason.PROVINCE_UNKNOWN, ("data.province", "99")),
    ("province as a number", Reason.PROVINCE_UNKNOWN, ("data.province", 79)),
    ("level 3", Reason.LEVEL_UNKNOWN, ("data.level", 3)),
    ("level 1.5", Reason.LEVEL_UNKNOWN, ("data.level", 1.5)),
    ("level true", Reason.LEVEL_UNKNOWN, ("data.level", True)),
    ("level as a text", Reason.LEVEL_UNKNOWN, ("data.level", "2")),
    ("a personal number as subject", Reason.PERSONAL_DATA_IN_CLEAR, ("subject", INVENTED_NUMBER)),
    ("one second too far ahead", Reason.TIME_IN_FUTURE, ("time", "2024-06-10T08:35:02+07:00")),
    ("before 2016 in Vietnam", Reason.TIME_TOO_EARLY, ("time", "2015-12-31T23:59:59+07:00")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One record and what becomes of it."""

    name: str
    value: bytes | None
    outcome: str
    field: str = ""
    kind: Kind = ACCOUNTS
    key: str | None = EXAMPLE_SUBJECT
    headers: Headers = ()
    times: int = 1
    appended_at: datetime = EXAMPLE_APPENDED_AT


def codec_vectors() -> dict[str, Any]:
    """Return every vector as JSON."""
    vectors = [*_accepted(), *_of_bytes(), *_of_headers(), *_of_fields(), *_of_keys(), *_of_places(), *_of_precedence()]
    return {"note": NOTE, "records": [_as_json(vector) for vector in vectors]}


def _as_json(vector: Vector) -> dict[str, Any]:
    """Write a vector with its bytes in base64."""
    return {
        "name": vector.name,
        "topic": vector.kind.topic,
        "appended_at": vector.appended_at.isoformat(),
        "key": vector.key,
        "headers": [[name, _base64(content)] for name, content in vector.headers],
        "value_base64": _base64(vector.value),
        "value_times": vector.times,
        "outcome": vector.outcome,
        "field": vector.field,
    }


def _base64(raw: bytes | None) -> str | None:
    return None if raw is None else b64encode(raw).decode()


def _accepted() -> Iterator[Vector]:
    """Yield valid records: each kind in both modes, and what may vary."""
    for kind in KINDS:
        yield Vector(name=f"{kind.name}, structured", value=_written(kind), outcome=ACCEPTED, kind=kind)
        yield _binary(f"{kind.name}, binary", [], kind=kind)
    structured = [("content-type", f"{STRUCTURED}; charset=utf-8".encode())]
    yield Vector(name="content-type is named", value=_written(ACCOUNTS), outcome=ACCEPTED, headers=structured)
    yield Vector(name="a header without a value", value=_written(ACCOUNTS), outcome=ACCEPTED, headers=[("trace", None)])
    for media in (b"application/json", b"text/plain"):
        headers = [("content-type", media)]
        yield Vector(
            name=f"structured as {media.decode()}", value=_written(ACCOUNTS), outcome=ACCEPTED, headers=headers
        )
    yield Vector(name="a byte order mark", value=b"\xef\xbb\xbf" + _written(ACCOUNTS), outcome=ACCEPTED)
    packed = b64encode(json.dumps(example_of(ACCOUNTS)["data"]).encode()).decode()
    yield _changed("data as bytes", ACCEPTED, ("data", _ABSENT), ("data_base64", packed))
    quoted = [(name, b'"%s"' % (content or b"")) for name, content in _binary("", []).headers]
    yield _binary("binary mode, headers in quotes", quoted)
    yield _changed("level 2.0", ACCEPTED, ("data.level", 2.0))
    yield _changed("an unknown attribute is ignored", ACCEPTED, ("traceparent", "00-0af7651916cd43dd-01"))
    yield _changed("upper-case id", ACCEPTED, ("id", "018FFFC4-35C0-4EEA-A5C0-725948BE720B"))
    yield _changed("time in UTC with a fraction", ACCEPTED, ("time", "2024-06-10T01:30:00.123456789Z"))
    yield _changed("exactly 5 minutes ahead of the broker", ACCEPTED, ("time", "2024-06-10T08:35:01+07:00"))
    yield _changed("the first moment", ACCEPTED, ("time", "2016-01-01T00:00:00+07:00"))
    yield _changed("desk left out", ACCEPTED, ("data.desk", _ABSENT), kind=IDENTITY_RECORDS)
    yield _changed("desk in Vietnamese", ACCEPTED, ("data.desk", "Bộ phận Một cửa"), kind=IDENTITY_RECORDS)


def _of_bytes() -> Iterator[Vector]:
    """Yield records whose bytes are no JSON object of clean text."""
    whole = _written(ACCOUNTS)
    for name, value, reason in (
        ("null value", None, Reason.TOMBSTONE),
        ("no bytes", b"", Reason.EMPTY_VALUE),
        ("a byte that is not UTF-8", whole.replace(b"vneid", b"vne\xffid"), Reason.NOT_UTF8),
        ("a NUL, escaped", whole.replace(b"vneid", b"vne\\u0000id"), Reason.FORBIDDEN_CHARACTER),
        ("a lone surrogate", whole.replace(b"vneid", b"vne\\ud800id"), Reason.FORBIDDEN_CHARACTER),
        ("NaN", whole.replace(b'"level": 2', b'"level": NaN'), Reason.NOT_A_NUMBER),
        ("Infinity in an unknown attribute", whole[:-1] + b', "x": -Infinity}', Reason.NOT_A_NUMBER),
        ("cut off", whole[:-2], Reason.NOT_JSON),
        ("plain text", b"hello", Reason.NOT_JSON),
        ("compressed by the sender", b"\x1f\x8b\x08" + whole, Reason.VALUE_COMPRESSED),
        ("UTF-16", whole.decode().encode("utf-16"), Reason.VALUE_UTF16),
        ("UTF-16 without a mark", whole.decode().encode("utf-16-le"), Reason.VALUE_UTF16),
        ("Schema Registry's zero and id before it", b"\0\0\0\0\x01" + whole, Reason.SCHEMA_REGISTRY_PREFIX),
        ("an array", b"[" + whole + b"]", Reason.NOT_AN_OBJECT),
        ("a text", b'"event"', Reason.NOT_AN_OBJECT),
    ):
        yield Vector(name=name, value=value, outcome=reason)
    yield Vector(name="one byte too large", value=b" ", times=RECORD_BYTES_MAX + 1, outcome=Reason.TOO_LARGE)
    yield Vector(name="100,000 arrays deep", value=b"[", times=100_000, outcome=Reason.NESTED_TOO_DEEP)


def _of_headers() -> Iterator[Vector]:
    """Yield records whose headers make no event of them."""
    data = json.dumps(example_of(ACCOUNTS)["data"]).encode()
    unknown = partial(Vector, value=data, outcome=Reason.CONTENT_TYPE_UNKNOWN, field="content-type")
    yield unknown(name="text/plain", headers=[("content-type", b"text/plain")])
    yield unknown(name="application/json without ce_specversion", headers=[("content-type", b"application/json")])
    avro = [("content-type", b"avro/binary")]
    yield _binary("binary mode, data in Avro", avro, Reason.CONTENT_TYPE_UNKNOWN, "content-type")
    yield _binary("a header that is not UTF-8", [("ce_source", b"\xff")], Reason.NOT_UTF8, "headers")
    yield _binary("ce_source is null", [("ce_source", None)], Reason.SOURCE_UNKNOWN, "source")
    yield _binary(
        "binary mode, wrong ce_specversion", [("ce_specversion", b"0.3")], Reason.SPECVERSION_WRONG, "specversion"
    )


def _of_fields() -> Iterator[Vector]:
    """Yield JSON objects with one field at fault."""
    for name, reason, change in _FAULTS:
        yield _changed(name, reason, change)
    records = partial(_changed, kind=IDENTITY_RECORDS)
    for name, packed in (("data as bytes that are no JSON", "AAAA"), ("data as bytes, spoilt", "!")):
        yield _changed(name, Reason.DATA_INVALID, ("data_base64", packed), ("data", _ABSENT))
    yield records("unknown channel", Reason.CHANNEL_UNKNOWN, ("data.channel", "post"))
    yield records("desk of 121 characters", Reason.DATA_INVALID, ("data.desk", "x" * 121))
    yield records("a personal number as desk", Reason.PERSONAL_DATA_IN_CLEAR, ("data.desk", "Quầy 000 000 000 000"))
    yield _changed("unknown portal", Reason.PORTAL_UNKNOWN, ("data.portal", "games"), kind=LOGINS)


def _of_keys() -> Iterator[Vector]:
    """Yield valid events under a key that is not theirs."""
    whole = partial(Vector, value=_written(ACCOUNTS), field="key")
    yield whole(name="no key", key=None, outcome=Reason.KEY_MISSING)
    yield whole(name="an empty key", key="", outcome=Reason.KEY_MISSING)
    yield whole(name="another citizen's key", key="0" * 64, outcome=Reason.KEY_NOT_SUBJECT)
    yield whole(name="a personal number as key", key=INVENTED_NUMBER, outcome=Reason.PERSONAL_DATA_IN_CLEAR)


def _of_precedence() -> Iterator[Vector]:
    """Yield records with several faults, of which the first in the published order is given."""
    yield _changed("specversion before level", Reason.SPECVERSION_WRONG, ("specversion", "2"), ("data.level", 3))
    yield _changed("province before level", Reason.PROVINCE_UNKNOWN, ("data.province", "99"), ("data.level", 3))
    yield _changed(
        "a personal number before level", Reason.PERSONAL_DATA_IN_CLEAR, ("subject", INVENTED_NUMBER), ("data.level", 3)
    )
    desk_and_province: tuple[Change, ...] = (("data.desk", "x" * 121), ("data.province", "99"))
    yield _changed("desk before province", Reason.DATA_INVALID, *desk_and_province, kind=IDENTITY_RECORDS)
    merged: tuple[Change, ...] = (("time", "2025-07-01T00:00:00+07:00"), ("data.province", "27"))
    yield _changed("future before province not in force", Reason.TIME_IN_FUTURE, *merged)


def _of_places() -> Iterator[Vector]:
    """Yield events around the day on which 63 provinces became 34; code 27 is one of those that ceased."""
    for name, outcome, time in (
        ("the last moment of a merged province", ACCEPTED, "2025-06-30T23:59:59+07:00"),
        ("the first moment after it", Reason.PROVINCE_NOT_IN_FORCE, "2025-07-01T00:00:00+07:00"),
    ):
        vector = _changed(name, outcome, ("data.province", "27"), ("time", time))
        yield replace(vector, appended_at=datetime.fromisoformat(time))


def _changed(name: str, outcome: str, *changes: Change, kind: Kind = ACCOUNTS) -> Vector:
    """Return a valid event in structured mode with some fields changed; a refusal names the first of them."""
    at_fault = "" if outcome == ACCEPTED else changes[0][0]
    return Vector(name=name, value=_written(kind, *changes), outcome=outcome, field=at_fault, kind=kind)


def _binary(
    name: str,
    changes: Headers,
    outcome: str = ACCEPTED,
    at_fault: str = "",
    kind: Kind = ACCOUNTS,
) -> Vector:
    """Return a valid event in binary mode with some headers changed."""
    event = example_of(kind)
    data = event.pop("data")
    attributes = {f"ce_{attribute}": text.encode() for attribute, text in event.items()}
    headers = list({"content-type": b"application/json", **attributes, **dict(changes)}.items())
    return Vector(
        name=name, value=json.dumps(data).encode(), outcome=outcome, field=at_fault, kind=kind, headers=headers
    )


def _written(kind: Kind, *changes: Change) -> bytes:
    """Write the example event of a kind with some fields changed."""
    event = deepcopy(example_of(kind))
    for path, written in changes:
        *parents, name = path.split(".")
        holder = event[parents[0]] if parents else event
        if written is _ABSENT:
            del holder[name]
        else:
            holder[name] = written
    return json.dumps(event, ensure_ascii=False).encode()
