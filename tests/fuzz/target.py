"""What is asked of any bytes: one outcome of the closed set, the same alone and among many."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from brokers.batches import examine
from models.calendar import moment_of
from models.catalogue import KINDS
from models.decoding.many_records import RecordColumns, decode_all
from models.decoding.modes import STRUCTURED, Headers
from models.decoding.one_record import decode
from models.gap_kinds import Flaw
from models.outcomes import Reason, Refused
from models.personal_numbers import conceal_personal_numbers, reveals_personal_number
from tests.brokers.raw_batches import build, replace_records

_MODES, _BATCH, _CODECS = 4, 3, 8
# A fault of our own hides behind a reason of its own, and is what is looked for here.
_REASONS: Final = {*Reason} - {Reason.PROGRAM_FAULT}
_FLAWS: Final = {Flaw.TOO_LARGE, Flaw.PACKED, Flaw.RECORDS}
_TOPICS: Final = [kind.topic for kind in KINDS]
_BINARY: Final = ("ce_specversion", "ce_type", "ce_id", "ce_source", "ce_subject", "ce_time")
# 2026: later than every event of the vectors.
_TIMESTAMP: Final = round(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)


class Sent(NamedTuple):
    """A record as a client of Kafka delivers it."""

    key: bytes | None
    value: bytes
    headers: Headers
    partition: int = 0
    offset: int = 0
    timestamp: int = _TIMESTAMP


def write_seed(topic: str, key: bytes, value: bytes) -> bytes:
    """Return the bytes that `try_bytes` takes for a record in structured mode."""
    return bytes((_TOPICS.index(topic), 0, len(key))) + key + value


def try_bytes(data: bytes) -> None:
    """Decode what bytes stand for: topic, mode, length of the key, key, value. Raises AssertionError.

    In a mode of its own they are the body of a batch, packed with any codec.
    """
    if data[1:2] and data[1] % _MODES == _BATCH:
        try_batch(data[0], data[3:])
        return
    topic, sent = _read(data)
    alone = decode(topic, sent.key, sent.value, sent.headers, moment_of(sent.timestamp))
    offsets, timestamps = np.array([sent.offset] * 2), np.array([sent.timestamp] * 2)
    pair = RecordColumns(
        np.array([sent.partition] * 2), [sent.key] * 2, [sent.value] * 2, [sent.headers] * 2, offsets, timestamps
    )
    together = decode_all(topic, pair)
    if isinstance(alone, Refused):
        assert alone.reason in _REASONS, alone.field
        assert together.refused == [(0, alone), (1, alone)]
        masked = conceal_personal_numbers(sent.value)
        assert not reveals_personal_number(masked.decode(errors="surrogateescape"))
    else:
        row = (alone.key, alone.event_id, *alone.content, sent.partition, sent.offset, moment_of(sent.timestamp))
        assert list(together.facts) == [row, row]
        assert together.facts.count_alike() == {alone.counted: 2}


def try_batch(codec: int, packed: bytes) -> None:
    """Read a batch with a sound header and this body: it can be read, or it is told why not. Raises AssertionError."""
    found = examine(replace_records(build(0, b"a", b"b"), packed, codec % _CODECS), 0)
    assert found is None or found.flaw in _FLAWS


def _read(data: bytes) -> tuple[str, Sent]:
    """Return the record that bytes stand for."""
    number, mode, length = (*data[:3], 0, 0, 0)[:3]
    key, rest = data[3 : 3 + length], data[3 + length :]
    topic = _TOPICS[number % len(_TOPICS)]
    if mode % _MODES == 0:
        return topic, Sent(key or None, rest, ())
    if mode % _MODES == 1:
        return topic, Sent(key, rest, (("content-type", STRUCTURED.encode()),))
    *texts, value = rest.split(b"\n", len(_BINARY))
    return topic, Sent(key, value, tuple(zip(_BINARY, texts, strict=False)))
