"""Batches with a sound header and checksum, and a body that no ordinary client writes; the same for a seed."""

import random
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tests.brokers.raw_batches import build, pack, replace_records, seal, spoil_names, xerial

CODECS: Final = range(5)
_GZIP, _SNAPPY, _LZ4, _ZSTD = 1, 2, 3, 4
_RECORDS_FROM: Final = 61
# What is at the edges of a whole number, as bytes of a record are read.
_EDGES: Final = (b"\x00", b"\x01", b"\x7f", b"\x80\x80\x80\x80\x08", b"\xff\xff\xff\xff\x0f", b"\x80\x00", b"\xff" * 10)
# Frames that LZ4 and Zstandard let readers pass over.
_SKIPPED: Final = b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip"
# First and last moments that a batch may name, in milliseconds since 1970: -1 is none.
_MOMENTS: Final = (-1, 0, 253_402_300_799_999, 253_402_300_800_000, 2**63 - 1, -(2**63))
_BOMB_BYTES: Final = 40_000_000


def invent(seed: int, values: Sequence[bytes]) -> Iterator[bytes]:
    """Yield batches without end.

    values -- of sound records, to begin with
    """
    chance = random.Random(seed)  # noqa: S311 - not a secret
    while True:
        batch = build(0, *chance.choices(values, k=chance.randint(1, 4)), key=b"5d" * 32, name="name-to-be-spoilt")
        yield chance.choice(_SORTS)(batch, chance)


def _spoil_records(batch: bytes, chance: random.Random) -> bytes:
    """Change bytes of the records, and pack them soundly."""
    codec = chance.choice(CODECS)
    return replace_records(batch, pack(codec, _damage(batch[_RECORDS_FROM:], chance)), codec)


def _spoil_packed(batch: bytes, chance: random.Random) -> bytes:
    """Pack sound records, and change bytes of what comes out."""
    codec = chance.choice(CODECS)
    return replace_records(batch, _damage(pack(codec, batch[_RECORDS_FROM:]), chance), codec)


def _name_another_codec(batch: bytes, chance: random.Random) -> bytes:
    """Pack with one codec, and say that it was another, perhaps one that there is not."""
    return replace_records(batch, pack(chance.choice(CODECS), batch[_RECORDS_FROM:]), chance.randrange(8))


def _pack_strangely(batch: bytes, chance: random.Random) -> bytes:
    """Pack as few programs do: in several streams, with something between, before or behind them."""
    codec, records = chance.choice(CODECS[1:]), batch[_RECORDS_FROM:]
    cut = chance.randrange(len(records))
    parts = [records[:cut], records[cut:]]
    if codec == _SNAPPY:
        packed = xerial(
            *parts, versions=struct.pack(chance.choice(("<ii", ">ii")), 1, chance.choice((1, 2, 2**31 - 1)))
        )
    else:
        packed = b"".join(pack(codec, part) for part in parts)
    before = _SKIPPED if codec in {_LZ4, _ZSTD} and chance.random() < 1 / 2 else b""
    behind = chance.choice((b"", bytes(8), _SKIPPED, b"\x1f\x8b"))
    return replace_records(batch, before + packed + behind, codec)


def _change_header(batch: bytes, chance: random.Random) -> bytes:
    """Change what the header says of the records: how many, from when to when, by whom."""
    field, width, values = chance.choice(
        [
            (21, ">h", (8, 0x20, 0x7F00, 0x10)),
            (23, ">i", (-1, 0, 7, 2**31 - 1)),
            (27, ">q", _MOMENTS),
            (35, ">q", _MOMENTS),
            (57, ">i", (-1, 0, 1, 100, 2**31 - 1)),
        ]
    )
    changed = struct.pack(width, chance.choice(values))
    return seal(batch[:field] + changed + batch[field + len(changed) :])


def _spoil_names(batch: bytes, _chance: random.Random) -> bytes:
    """Give the records header names that are not UTF-8."""
    return spoil_names(batch)


def _swell(batch: bytes, chance: random.Random) -> bytes:
    """Pack far more than may be unpacked."""
    codec = chance.choice((_GZIP, _LZ4, _ZSTD))
    return replace_records(batch, pack(codec, build(0, bytes(_BOMB_BYTES))[_RECORDS_FROM:]), codec)


def _leave(batch: bytes, chance: random.Random) -> bytes:
    """Pack soundly: what is beside the others must be counted."""
    codec = chance.choice(CODECS)
    return replace_records(batch, pack(codec, batch[_RECORDS_FROM:]), codec)


_SORTS: Final[Sequence[Callable[[bytes, random.Random], bytes]]] = (
    _spoil_records,
    _spoil_packed,
    _name_another_codec,
    _pack_strangely,
    _change_header,
    _spoil_names,
    _swell,
    _leave,
)


def _damage(text: bytes, chance: random.Random) -> bytes:
    """Replace, insert or cut a few bytes."""
    damaged = bytearray(text)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(damaged) + 1)
        piece = chance.choice((*_EDGES, chance.randbytes(chance.randint(1, 4))))
        damaged[place : place + chance.choice((0, len(piece), len(damaged)))] = piece
    return bytes(damaged)
