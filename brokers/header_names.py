"""Reads records whose header names are not UTF-8, which would otherwise stop their partition for good.

aiokafka decodes header names while it unpacks a batch, and what it raises there takes the rest of the batch with it.
Such a batch is read again by aiokafka's slower Python code on a buffer that keeps undecodable bytes (as lone
surrogates), so that the record can be refused like any other.
"""

from collections.abc import Callable
from typing import Any, SupportsIndex

from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.record.util import decode_varint_py


class _LenientBuffer(bytearray):
    """Bytes of a batch whose texts decode whatever they hold."""

    def __getitem__(self, place: SupportsIndex | slice) -> Any:  # noqa: ANN401 - a byte or bytes, as for any bytearray
        found = super().__getitem__(place)
        return _LenientBuffer(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        """Decode, keeping bytes that are not of the encoding."""
        return bytes(self).decode(encoding, errors)


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # marked final, for want of a hook
    """A batch on such a buffer."""

    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _LenientBuffer(self._buffer)

    def _read_msg(self, decode_varint: Callable[..., tuple[int, int]] = decode_varint_py) -> Any:  # noqa: ANN401
        """Read a record. The decoder in C reads wherever a length points, and dies of that."""
        return super()._read_msg(decode_varint)


class LenientRecords(_MemoryRecordsPy):  # type: ignore[misc]  # marked final, for want of a hook
    """What was fetched, cut into such batches; every broker since Kafka 4 speaks their format alone (magic 2)."""

    def next_batch(self, *_limits: int) -> _LenientBatch | None:
        """Return the next batch, or None at the end."""
        raw = self._next_slice
        self._cache_next()
        return None if raw is None else _LenientBatch(raw)
