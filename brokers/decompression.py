"""Decompression with a limit, and with one sort of error: what a batch holds is its sender's, and may be anything.

aiokafka unpacks a batch whole, whatever it becomes, and lets through whatever a codec's library raises.
"""

import struct
import sys
import zlib
from collections.abc import Callable
from functools import cache, partial
from typing import Final

import cramjam
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records
from aiokafka.record.default_records import _DefaultRecordBatchPy

from models.verdicts import NO_VERDICTS

# 16 MiB: sixteen times what a producer puts into a batch unless it is told otherwise (max.request.size).
UNPACKED_BYTES_MAX: Final = 16 * 1024 * 1024
Bytes = bytes | memoryview

# What snappy-java writes before its blocks, and librdkafka looks at of it: the two versions that follow are any.
_XERIAL: Final = b"\x82SNAPPY\x00"
_XERIAL_HEADER_BYTES: Final = 16
_BLOCK_LENGTH: Final = struct.Struct(">i")
_GZIP: Final = b"\x1f\x8b\x08"
# A header and a trailer.
_GZIP_MEMBER_BYTES_MIN: Final = 18
_GZIP_WINDOW: Final = 31  # the largest, and a header of gzip
_FULL: Final = ("failed to write whole buffer", "smaller than required")


class TooLargeError(CorruptRecordException):  # type: ignore[misc]  # aiokafka is not typed
    """What is packed is larger than the limit."""


class PackedWrongError(CorruptRecordException):  # type: ignore[misc]  # aiokafka is not typed
    """The bytes are not what the codec writes; the message is the codec's."""


@cache
def bound_decompression() -> None:
    """Let this process unpack no batch to more than `UNPACKED_BYTES_MAX`, by whichever of aiokafka's two ways."""
    room = bytearray(UNPACKED_BYTES_MAX)  # one for all batches: to make it costs as much as to unpack one
    for module in {default_records.DefaultRecordBatch.__module__, _DefaultRecordBatchPy.__module__}:
        vars(sys.modules[module]).update({f"{codec}_decode": partial(unpack, codec, room) for codec in CODECS})


def unpack(codec: str, room: bytearray, payload: Bytes) -> bytes:
    """Return what is packed.

    room -- where it must fit in
    Raises TooLargeError where it does not, PackedWrongError where it is nothing packed, MemoryError.
    """
    try:
        return bytes(memoryview(room)[: CODECS[codec](payload, memoryview(room))])
    except (CorruptRecordException, *NO_VERDICTS):
        raise
    except BaseException as error:  # noqa: BLE001 - a verdict, as said in models/verdicts.py
        if str(error).endswith(_FULL[0]) or _FULL[1] in str(error):
            raise TooLargeError(f"{len(payload):,} bytes unpack to more than {len(room):,}") from None
        raise PackedWrongError(f"{codec}: {str(error).removeprefix(f'{codec}: ')}") from None


def _gunzip(payload: Bytes, room: memoryview) -> int:
    """Unpack gzip; what stands behind it and begins no other member is not looked at, as Java's clients do it."""
    try:
        return int(cramjam.gzip.decompress_into(payload, room))
    except cramjam.DecompressionError as error:
        if str(error).endswith(_FULL[0]):
            raise
        used, rest = _gunzip_member(payload, room)
        while len(rest) >= _GZIP_MEMBER_BYTES_MIN and rest.startswith(_GZIP):
            more, rest = _gunzip_member(rest, room[used:])
            used += more
        return used


def _gunzip_member(payload: Bytes, room: memoryview) -> tuple[int, bytes]:
    """Unpack one member of gzip; return how long it is, and what stands behind it. Raises CorruptRecordException."""
    member = zlib.decompressobj(_GZIP_WINDOW)
    unpacked = member.decompress(payload, len(room) + 1)
    if len(unpacked) > len(room):
        raise TooLargeError(f"a member of gzip unpacks to more than {len(room):,}")
    if not member.eof:
        raise PackedWrongError("gzip: a member that is cut off")
    room[: len(unpacked)] = unpacked
    return len(unpacked), member.unused_data


def _unsnap(payload: Bytes, room: memoryview) -> int:
    """Unpack snappy: one block, or the blocks of snappy-java, each behind its length.

    Behind the last one, less than a length is not looked at, as Java's clients do it.
    """
    if bytes(payload[: len(_XERIAL)]) != _XERIAL:
        return int(cramjam.snappy.decompress_raw_into(payload, room))
    used, place, end = 0, _XERIAL_HEADER_BYTES, len(payload)
    while place + _BLOCK_LENGTH.size <= end:
        (length,) = _BLOCK_LENGTH.unpack_from(payload, place)
        place += _BLOCK_LENGTH.size
        if not 0 <= length <= end - place:
            raise PackedWrongError(f"snappy: a block of {length:,} bytes where {end - place:,} are left")
        used += cramjam.snappy.decompress_raw_into(payload[place : place + length], room[used:])
        place += length
    return used


CODECS: Final[dict[str, Callable[[Bytes, memoryview], int]]] = {
    "gzip": _gunzip,
    "snappy": _unsnap,
    "lz4": cramjam.lz4.decompress_into,
    "zstd": cramjam.zstd.decompress_into,
}
