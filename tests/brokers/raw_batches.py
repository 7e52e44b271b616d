"""Record batches (magic 2) as tests need them: whole, spoilt, packed in strange ways, of a transaction."""

import struct
import sys

import cramjam
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

COVERED_FROM = 21
NAME = "name-to-be-spoilt"
_NAMES = ("", "gzip", "snappy", "lz4", "zstd")


def build(first: int, *values: bytes, codec: int = 0, name: str = "name", key: bytes = b"key") -> bytes:
    """Return a batch whose first record has an offset; each has a header."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, sys.maxsize)
    for place, value in enumerate(values):
        builder.append(place, 1, key, value, [(name, b"header")])
    return struct.pack(">q", first) + bytes(builder.build())[8:]


def seal(batch: bytes) -> bytes:
    """Give a batch that was changed the checksum that belongs to it."""
    return batch[:17] + struct.pack(">I", calc_crc32c(batch[COVERED_FROM:])) + batch[COVERED_FROM:]


def spoil_names(batch: bytes) -> bytes:
    """Return a batch with header names that are not UTF-8."""
    return seal(batch.replace(NAME.encode(), b"\xff" * len(NAME)))


def replace_records(batch: bytes, packed: bytes, codec: int) -> bytes:
    """Return a batch with other bytes in the place of its records."""
    begin = batch[:COVERED_FROM] + struct.pack(">h", codec) + batch[23:61] + packed
    return seal(begin[:8] + struct.pack(">i", len(begin) - 12) + begin[12:])


def pack(codec: int, records: bytes) -> bytes:
    """Return records as a producer packs them, by the number of the codec; 0 is none."""
    return pack_as(_NAMES[codec], records) if codec else records


def pack_as(codec: str, text: bytes) -> bytes:
    """Return bytes as a producer packs them."""
    module = getattr(cramjam, codec)
    return bytes(module.compress_raw(text) if codec == "snappy" else module.compress(text))


def xerial(*blocks: bytes, versions: bytes = struct.pack(">ii", 1, 1)) -> bytes:
    """Return blocks as snappy-java writes them."""
    packed = [pack_as("snappy", block) for block in blocks]
    return b"\x82SNAPPY\x00" + versions + b"".join(struct.pack(">i", len(each)) + each for each in packed)


def as_producer(batch: bytes, producer: int, attributes: int = 0x10) -> bytes:
    """Return a batch as part of a transaction of a producer."""
    begin = batch[:COVERED_FROM] + struct.pack(">h", attributes) + batch[23:43] + struct.pack(">qhi", producer, 0, 0)
    return seal(begin + batch[57:])


def marker(offset: int, producer: int) -> bytes:
    """Return the batch by which a broker says that a transaction was aborted."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1_000)
    builder.append(0, 1, struct.pack(">hh", 0, 0), struct.pack(">hi", 0, 0), [])
    return as_producer(struct.pack(">q", offset) + bytes(builder.build())[8:], producer, attributes=0x30)


def in_other_byte_order(batch: bytes) -> bytes:
    """Return a batch packed as some programs write snappy-java's form: its two versions in the other byte order."""
    return replace_records(batch, xerial(batch[61:], versions=struct.pack("<ii", 1, 1)), 2)


def with_zeros_behind(batch: bytes) -> bytes:
    """Return a batch packed with gzip, and zeros behind its end."""
    return replace_records(batch, pack(1, batch[61:]) + bytes(8), 1)


def of_two_streams(batch: bytes) -> bytes:
    """Return a batch packed as two streams of snappy-java, one behind the other."""
    middle = len(batch) - 20
    streams = (xerial(half) for half in (batch[61:middle], batch[middle:]))
    return replace_records(batch, b"".join(streams), 2)


def compacted(batch: bytes, behind: int) -> bytes:
    """Return a batch behind whose last record compaction has taken so many others."""
    (last,) = struct.unpack_from(">i", batch, 23)
    return seal(batch[:23] + struct.pack(">i", last + behind) + batch[27:])
