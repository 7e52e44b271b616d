"""Decompression with a limit: a batch of one megabyte may unpack to thirty thousand, and aiokafka lets it."""

import sys
from collections.abc import Callable
from functools import partial
from typing import Final

import cramjam
from aiokafka.errors import CorruptRecordException
from aiokafka.record import default_records

# 16 MiB: sixteen times what a producer puts into a batch unless it is told otherwise (max.request.size).
UNPACKED_BYTES_MAX: Final = 16 * 1024 * 1024
# Snappy is not among them: it shrinks nothing to less than a twentieth.
_CODECS: Final = {"gzip_decode": cramjam.gzip, "lz4_decode": cramjam.lz4, "zstd_decode": cramjam.zstd}
# The module that decodes batches: compiled where there is a compiled one.
_DECODING: Final = default_records.DefaultRecordBatch.__module__


def bound_decompression() -> None:
    """Let this process unpack no batch to more than `UNPACKED_BYTES_MAX`: it is met as one that cannot be read."""
    room = bytearray(UNPACKED_BYTES_MAX)  # one for all batches: to make it costs as much as to unpack one
    for name, codec in _CODECS.items():
        vars(sys.modules[_DECODING])[name] = partial(unpack, codec.decompress_into, room)


def unpack(decompress_into: Callable[[object, bytearray], int], room: bytearray, payload: bytes | memoryview) -> bytes:
    """Return what is packed. Raises CorruptRecordException where it is larger than the room, or is nothing packed."""
    try:
        unpacked = decompress_into(payload, room)
    except cramjam.DecompressionError:
        raise CorruptRecordException(f"a batch of {len(payload):,} bytes unpacks to more than {len(room):,}") from None
    return bytes(memoryview(room)[:unpacked])
