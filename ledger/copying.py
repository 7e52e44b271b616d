"""Facts as the bytes of COPY in binary format: no object of Python is made for what has a fixed width.

https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
"""

import struct
from itertools import chain
from typing import Any, Final

import numpy as np

from models.decoding.columns import Facts
from models.decoding.forms import Numbers

# Microseconds from 1970 to 2000, from which Postgres counts.
_EPOCH: Final = 946_684_800_000_000
# The signature, no flags, no extension.
_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_SMALLINT: Final = struct.Struct(">ih")
_LENGTH: Final = struct.Struct(">i")
# What has a fixed width, each behind its length; before them how many columns a row has.
_WIDTHS: Final = {"key": "V16", "event_id": "V16", "subject": "V32", "moment": ">i8", "partition": ">i2"} | {
    "offset": ">i8",
    "appended": ">i8",
}
_PAIRS: Final = [((f"{name}_length", ">i4"), (name, width)) for name, width in _WIDTHS.items()]
_HEAD: Final = np.dtype([("columns", ">i2"), *chain.from_iterable(_PAIRS)])
# 50,000: combinations of source, dimensions and details come again; with free texts that never do, some 30 MB.
_TAILS_MAX: Final = 50_000


def columns_in_order(facts: Facts) -> tuple[str, ...]:
    """Return the columns of the rows that `write_rows` writes."""
    kind = facts.kind
    fixed = (kind.business_key, "event_id", "subject", "occurred_at", "kafka_partition", "kafka_offset", "appended_at")
    return (*fixed, *kind.counted, *kind.details)


def write_rows(facts: Facts, places: Numbers) -> bytes:
    """Return the facts at some places, in their order."""
    head = np.empty(len(facts), _HEAD)
    head["columns"] = len(columns_in_order(facts))
    for name, width in _WIDTHS.items():
        head[f"{name}_length"] = np.dtype(width).itemsize
    head["key"], head["event_id"] = facts.keys.view("V16")[:, 0], facts.event_ids.view("V16")[:, 0]
    head["subject"] = facts.subjects.view("V32")[:, 0]
    head["moment"], head["appended"] = facts.moments - _EPOCH, facts.appended * 1000 - _EPOCH
    head["partition"], head["offset"] = facts.partitions, facts.offsets
    tails = list(map(_TAILS.__getitem__, zip(*facts.texts, strict=True)))
    rows = [b""] * (2 * len(places))
    rows[0::2] = head[places].view(f"V{_HEAD.itemsize}").tolist()
    rows[1::2] = map(tails.__getitem__, places.tolist())
    return b"".join((_HEADER, *rows, _TRAILER))


class _Tails(dict[tuple[Any, ...], bytes]):
    """Source, dimensions and details of a fact, as they end its row."""

    def __missing__(self, values: tuple[Any, ...]) -> bytes:
        if len(self) >= _TAILS_MAX:
            self.clear()
        self[values] = written = b"".join(map(_write, values))
        return written


_TAILS: Final = _Tails()


def _write(value: str | int | None) -> bytes:
    """Write a text, a small whole number or nothing."""
    if value is None:
        return _NULL
    if isinstance(value, int):
        return _SMALLINT.pack(_SMALLINT.size - _LENGTH.size, value)
    encoded = value.encode()
    return _LENGTH.pack(len(encoded)) + encoded
