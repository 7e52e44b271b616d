"""Records that are nearly events, from one seed: what upstream systems get wrong, and what nobody writes on purpose."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any, Final, NamedTuple

from models.catalogue import KINDS, Kind
from models.decoding.modes import STRUCTURED, Headers
from models.limits import DESK_LENGTH_MAX, NESTING_MAX, RECORD_BYTES_MAX
from onboarding.documents.examples import example_of
from tests.models.valid_events import valid_records

# 2031, as of the valid events; now and then a topic that takes its clients' timestamps.
TIMESTAMP: Final = 1_924_992_000_000
TIMESTAMPS: Final = (*[TIMESTAMP] * 6, 1_764_000_000_000, 1_451_581_200_000, 0, -1, 10**17)
TIMES: Final = (
    *("2025-07-01T00:00:00+07:00", "2025-06-30T23:59:59+07:00", "2025-06-30T17:00:00Z", "2025-06-30T16:59:59.999999Z"),
    *("2015-12-31T17:00:00Z", "2015-12-31T16:59:59Z", "2031-01-01T00:05:00Z", "2031-01-01T00:05:00.000001Z"),
    *("2024-02-29T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T23:59:60Z", "2024-01-01"),
    *("2024-01-01T00:00:00.123456789Z", "2024-01-01t00:00:00z", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00"),
    *("2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00+0700", "9999-12-31T23:59:59Z"),
    *("0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "2024-01-01T00:00:00\u0660Z", 1_704_067_200, None, ""),
)
PERSONAL: Final = "001234567890"
DESKS: Final = (
    *(None, "", "a" * DESK_LENGTH_MAX, "a" * (DESK_LENGTH_MAX + 1), "ả" * DESK_LENGTH_MAX, "😀" * DESK_LENGTH_MAX),
    *("a\0b", PERSONAL, " ".join(PERSONAL), 'quo"te', "back\\slash", "tab\t", "\ud7ff", 5, ["x"]),
)
# What may stand in an attribute that nobody knows; as it is written, for no library writes all of it.
STRANGE: Final = (
    *("1", "null", "1e400", "1E-400", "-0", "NaN", "-Infinity", "tru", '"a\tb"', '"\\u0000"', '"\\ud800"', "[1,]"),
    *(
        '"\\ud83d\\ude00"',
        '{"a":1,"a":2}',
        '"\x7f"',
        '"\x00"',
        f'"{PERSONAL}"',
        "// x",
        "9" * 4_299,
        "9" * 4_301,
        "0x1",
    ),
    *("[" * depth + "]" * depth for depth in (NESTING_MAX - 2, NESTING_MAX - 1, NESTING_MAX, 3_000)),
    *('{"a":' * depth + "1" + "}" * depth for depth in (NESTING_MAX - 2, NESTING_MAX - 1, NESTING_MAX)),
)
TOKENS: Final = (
    *(b'"', b"\\", b"\\u0000", b"\\ud800", b"\\u0041", b"\x00", b"\n", b"\x1f", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80"),
    *(
        b"\xf4\x90\x80\x80",
        b"\xf0\x9f\x98\x80",
        b"\xd9\xa1",
        b"NaN",
        b"null",
        b"true",
        b"2.0",
        b"1e0",
        b"-0",
        b"{}",
        b"]",
    ),
    *(b"{", b"}", b",", b":", b" ", b"\t", b"Z", b"T", b"+", b"-", b".", b"60", b".123", b"g", b"A", b"\xef\xbb\xbf"),
    *(b'"x":1,', b'"id":"zz",', b'"data":{},', b'"specversion":"1.0",', b'"data_base64":"e30=",', b"02-30", b"2016"),
)
_MEDIA: Final = STRUCTURED.encode()
HEADERS: Final[tuple[Headers, ...]] = (
    *((("content-type", _MEDIA),), (("content-type", b"application/json"),), (("content-type", b"text/plain"),)),
    *((("traceparent", b"00-" + b"a" * 60),), (("content-type", None),), (("ce_specversion", b"1.0"),), [("x", b"y")]),
)


class Made(NamedTuple):
    """A record as a client of Kafka delivers it."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int


@cache
def _sound(kind: Kind) -> list[tuple[bytes, bytes]]:
    return list(valid_records(kind, 200, 11))


def make_record(kind: Kind, random: Random, share: float) -> Made:
    """Return a valid event of a kind, or with this chance something that is nearly one."""
    key, value = random.choice(_sound(kind))
    made = Made(key, value, (), TIMESTAMP)
    return random.choice(_WAYS)(made, random) if random.random() < share else made


def _change_value(made: Made, random: Random) -> Made:
    """Change a field, as another program would write it."""
    event: dict[str, Any] = json.loads(made.value or b"")
    event = random.choice(_FIELDS)(event, random)
    items = list(event.items())
    if random.random() < 0.3:
        random.shuffle(items)
    separators = random.choice([(",", ":"), (", ", ": ")])
    text = json.dumps(dict(items), ensure_ascii=random.random() < 0.3, separators=separators)
    return made._replace(value=text.encode("utf-8", "surrogatepass"))


def _change_time(event: dict[str, Any], random: Random) -> dict[str, Any]:
    return event | {"time": random.choice(TIMES)}


def _change_data(event: dict[str, Any], random: Random) -> dict[str, Any]:
    name = random.choice(list(event["data"]))
    others: Mapping[str, tuple[Any, ...]] = {
        "desk": DESKS,
        "province": ("01", "24", "06", "99", "24-2025", "1", 1),
        "level": (1, 2, 3, 0, True, "2", 2.0),
    }
    strange: tuple[Any, ...] = (None, 1, "x", [], {}, PERSONAL, str(event["data"][name]).upper())
    return event | {"data": event["data"] | {name: random.choice(others.get(name, ()) + strange)}}


def _change_attribute(event: dict[str, Any], random: Random) -> dict[str, Any]:
    name = random.choice(list(event))
    text = str(event[name])
    return event | {name: random.choice([None, 1, "x", [], text.upper(), text[:-1], text + "0", PERSONAL])}


def _drop(event: dict[str, Any], random: Random) -> dict[str, Any]:
    name = random.choice(list(event))
    return {other: value for other, value in event.items() if other != name}


def _add(event: dict[str, Any], random: Random) -> dict[str, Any]:
    name = random.choice(["datacontenttype", "traceparent", "x", "desk"])
    more = {name: random.choice(["application/json", 1, None, {"a": [1]}, "\ud7ff", 1e300, PERSONAL])}
    return event | more if random.random() < 0.5 else event | {"data": event["data"] | more}


def _take_another(event: dict[str, Any], random: Random) -> dict[str, Any]:
    return event | {"type": random.choice(KINDS).type} if random.random() < 0.5 else example_of(random.choice(KINDS))


_FIELDS: Final = (_change_time, _change_time, _change_data, _change_data, _change_attribute, _drop, _add, _take_another)


def _add_strange(made: Made, random: Random) -> Made:
    """Add an attribute with anything in it."""
    strange = random.choice(STRANGE).encode("utf-8", "surrogatepass")
    value, inside = made.value or b"", b'"data": {'
    if random.random() < 0.5:
        return made._replace(value=b'{"x":' + strange + b"," + value[1:])
    return made._replace(value=value.replace(inside, inside + b'"x": ' + strange + b", ", 1))


def _change_bytes(made: Made, random: Random) -> Made:
    """Change bytes anywhere."""
    value = bytearray(made.value or b"")
    for _change in range(random.choice([1, 1, 1, 2, 3])):
        at, token = random.randrange(len(value) + 1), random.choice(TOKENS)
        begin, end = random.choice([(at, at), (at, at + len(token)), (at, at + random.choice([1, 2, 5, 20]))])
        value[begin:end] = token if random.random() < 0.7 else bytes([random.randrange(256)])
    return made._replace(value=bytes(value))


def _change_key(made: Made, random: Random) -> Made:
    key = made.key or b""
    return made._replace(key=random.choice([None, b"", key[:-1], key.upper(), key + b"0", PERSONAL.encode(), b"\xff"]))


def _change_headers(made: Made, random: Random) -> Made:
    return made._replace(headers=random.choice(HEADERS))


def _change_timestamp(made: Made, random: Random) -> Made:
    return made._replace(timestamp=random.choice(TIMESTAMPS))


def _change_whole(made: Made, random: Random) -> Made:
    value = made.value or b""
    room = b" " * (RECORD_BYTES_MAX - len(value))
    padded = [value + room, value + room + b" ", b'{"x":"' + b"a" * RECORD_BYTES_MAX + b'",' + value[1:]]
    said = [None, b"", b" ", b"{}", b"null", b"[]", value + b" ", b" " + value, value + value, value[:-1], *padded]
    return made._replace(value=random.choice(said))


_WAYS: Final[tuple[Callable[[Made, Random], Made], ...]] = (
    *[_change_value] * 6,
    *[_change_bytes] * 8,
    *(_add_strange, _add_strange, _change_key, _change_headers, _change_timestamp, _change_whole),
)
