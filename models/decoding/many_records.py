"""Many records at once, by columns: what is asked of every record is asked of all of them in one step.

`decode` alone says what an event is, and what is wrong with one that is none. What is taken here, it takes as well,
with the same row; whatever is not taken here, it looks at by itself.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from msgspec import DecodeError

from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_IN_UTC, EPOCH, LAST_MILLISECOND, moment_of
from models.catalogue import KIND_BY_TOPIC, Kind
from models.decoding.columns import MICROSECOND, Facts, date_of, days_of, join, none_of
from models.decoding.defects import measure
from models.decoding.forms import Numbers, read_moments, read_subjects, read_uuids
from models.decoding.modes import STRUCTURED, Headers
from models.decoding.one_record import decode
from models.decoding.shapes import Shape, shape_of
from models.limits import NESTING_MAX, RECORD_BYTES_MAX
from models.outcomes import Refused
from models.places import place_at
from models.verdicts import judge

# As CloudEvents asks for it, and as the SDK of Python writes it.
_MEDIA: Final = (STRUCTURED.encode(), b"application/json")
_PLAIN_HEADERS: Final = frozenset({(), *((("content-type", media),) for media in _MEDIA)})
# Beside any of them a value of so many bytes is not too large.
_PLAIN_BYTES_MAX: Final = RECORD_BYTES_MAX - max(map(measure, _PLAIN_HEADERS))
# 4,096 bytes: ten times what an event has; among attributes that nobody knows there is no number of 4,300 digits then,
# of which pydantic and msgspec think differently.
_MORE_BYTES_MAX: Final = 4_096
_EARLIEST: Final = (EARLIEST_IN_UTC - EPOCH) // MICROSECOND
_AHEAD_MAX: Final = CLOCK_AHEAD_MAX // MICROSECOND
# 16 records: so few are looked at one by one where something is wrong with any of them.
_ALONE_MAX: Final = 16


class RecordColumns(NamedTuple):
    """Records of one topic as a client of Kafka delivers them, by columns, one source partition after the other."""

    partitions: Numbers
    keys: Sequence[bytes | None]
    values: Sequence[bytes | None]
    headers: Sequence[Headers]
    offsets: Numbers
    timestamps: Numbers  # when the broker appended each: milliseconds since 1970, UTC

    def cut(self, at: slice) -> "RecordColumns":
        """Return the records of a part."""
        columns: Any = (column[at] for column in self)
        return RecordColumns(*columns)


class Decoded(NamedTuple):
    """What became of records of one topic, each kind of outcome in their order."""

    facts: Facts
    refused: list[tuple[int, Refused]]  # the place among the records, and why


def decode_all(topic: str, records: RecordColumns) -> Decoded:
    """Read records of one input topic, as `decode` reads each. Raises KeyError for an unknown topic."""
    kind, size = KIND_BY_TOPIC[topic], len(records.values)
    facts = judge(lambda: _decode_together(kind, records), lambda _error: None) if size else none_of(kind)
    if facts is not None:
        return Decoded(facts, [])
    if size <= _ALONE_MAX:
        return _decode_each(kind, records)
    middle = size // 2
    first, second = (decode_all(topic, records.cut(part)) for part in (slice(middle), slice(middle, None)))
    return Decoded(
        join([first.facts, second.facts]), first.refused + [(middle + at, why) for at, why in second.refused]
    )


def _decode_each(kind: Kind, records: RecordColumns) -> Decoded:
    """Read records one by one."""
    rows, refused = [], []
    for place, (partition, key, value, headers, offset, timestamp) in enumerate(zip(*records, strict=True)):
        appended_at = moment_of(int(timestamp))
        outcome = decode(kind.topic, key, value, headers, appended_at)
        if isinstance(outcome, Refused):
            refused.append((place, outcome))
        else:
            of_record = (int(partition), int(offset), appended_at)
            rows.append((outcome.key, outcome.event_id, *outcome.content, *of_record))
    return Decoded(Facts.of(kind, rows), refused)


def _decode_together(kind: Kind, records: RecordColumns) -> Facts | None:
    """Read records that are all valid events in structured mode; None where one is anything else, or may be.

    Raises whatever our program fails by.
    """
    values = records.values
    if not (all(values) and _PLAIN_HEADERS.issuperset(map(tuple, records.headers))):
        return None
    if max(map(len, values)) > _PLAIN_BYTES_MAX:  # type: ignore[arg-type]  # there is no None among them
        return None
    shape = shape_of(kind)
    events = _parse(shape, values)  # type: ignore[arg-type]  # the same
    return _check(kind, shape, events, records) if events else None


def _parse(shape: Shape, values: Sequence[bytes]) -> Sequence[Any] | None:
    """Read JSON that has the attributes of the contract; None where one of them is anything else."""
    try:
        return list(map(shape.read, values))
    except (DecodeError, ValueError):  # ValueError: it is not UTF-8
        pass
    try:
        return list(map(shape.read_more, values)) if _are_harmless(values) else None
    except (DecodeError, ValueError):
        return None


def _are_harmless(values: Sequence[bytes]) -> bool:
    """Tell whether attributes that msgspec passes over cannot hold what pydantic and we object to.

    That is: half a surrogate, NUL, bytes that are no text, more than 200 levels, a number of thousands of digits.
    """
    joined = b"\n".join(values)
    try:
        joined.decode()
    except UnicodeDecodeError:
        return False
    longest, brackets = max(map(len, values)), max(value.count(b"{") + value.count(b"[") for value in values)
    return longest <= _MORE_BYTES_MAX and brackets <= NESTING_MAX and b"\\u" not in joined


def _check(kind: Kind, shape: Shape, events: Sequence[Any], records: RecordColumns) -> Facts | None:
    """Return the facts that events are; None where one of them is none."""
    data = [event.data for event in events]
    ids, subjects, times, sources = ([*map(read, events)] for read in shape.in_event)
    keys, *texts = ([*map(read, data)] for read in shape.in_data)
    texts.insert(0, sources)
    own_keys, event_ids = read_uuids(keys), read_uuids(ids)
    pseudonyms, moments = read_subjects(subjects, records.keys), read_moments(times)
    if own_keys is None or event_ids is None or pseudonyms is None or moments is None:
        return None
    appended = np.clip(records.timestamps, 0, LAST_MILLISECOND)
    if moments.min() < _EARLIEST or (moments - appended * 1000).max() > _AHEAD_MAX:
        return None
    if not all(allows(texts[place]) for place, allows in shape.checks) or not _place(kind, texts, moments):
        return None
    of_records = (records.partitions, records.offsets, appended)
    return Facts(kind, own_keys, event_ids, pseudonyms, moments, texts, *of_records)


def _place(kind: Kind, texts: list[list[Any]], moments: Numbers) -> bool:
    """Name provinces by the place of the day, as they are kept; tell whether each was in force."""
    if "province" not in kind.dimensions:
        return True
    column, days = 1 + kind.dimensions.index("province"), days_of(moments).tolist()
    places = {(code, day): place_at(code, date_of(day)) for code, day in set(zip(texts[column], days, strict=True))}
    texts[column] = list(map(places.__getitem__, zip(texts[column], days, strict=True)))
    return None not in places.values()
