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
# Events shrink to a fifth or so: eight times the room is nearly always enough.
_GROWTH: Final = 8
# Snappy is not among them: it shrinks nothing to less than a twentieth.
_CODECS: Final = {"gzip_decode": cramjam.gzip, "lz4_decode": cramjam.lz4, "zstd_decode": cramjam.zstd}
# The module that decodes batches: compiled where there is a compiled one.
_DECODING: Final = default_records.DefaultRecordBatch.__module__


def bound_decompression() -> None:
    """Let this process unpack no batch to more than `UNPACKED_BYTES_MAX`: it is met as one that cannot be read."""
    for name, codec in _CODECS.items():
        vars(sys.modules[_DECODING])[name] = partial(unpack, codec.decompress_into)


def unpack(decompress_into: Callable[[object, bytearray], int], payload: bytes | memoryview) -> bytes:
    """Return what is packed. Raises CorruptRecordException where it is too large, or is nothing packed."""
    for room in (min(_GROWTH * len(payload), UNPACKED_BYTES_MAX), UNPACKED_BYTES_MAX):
        unpacked = bytearray(room)
        try:
            return bytes(memoryview(unpacked)[: decompress_into(payload, unpacked)])
        except cramjam.DecompressionError:
            continue
    raise CorruptRecordException(f"a batch of {len(payload):,} bytes unpacks to more than {UNPACKED_BYTES_MAX:,}")
