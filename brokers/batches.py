"""Record batches as Kafka's log has them (magic 2), read so that none of them can end whoever reads it.

aiokafka raises whatever is wrong with a batch without saying where it is, loses what it had taken of other partitions
by then, and looks into what was fetched in a task that is dead after any error. Here a batch that cannot be read ends
what is delivered of its partition at the record before it, and is noted with what is wrong; the next fetch meets it
again.

https://kafka.apache.org/documentation/#recordbatch
"""

import logging
import struct
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c

from brokers.decompression import PackedWrongError, TooLargeError, bound_decompression
from brokers.header_names import LenientRecords
from models.gap_kinds import FLAWS, Flaw
from models.verdicts import NO_VERDICTS

_log = logging.getLogger(__name__)

# Offset of the first record, and the length of what follows.
_BEGIN: Final = struct.Struct(">qi")
_ANY_OFFSET: Final = 2**63
# Where in a batch stand its format, its checksum, what that covers, how far its last record is from its first, and the
# records.
_MAGIC_AT, _CHECKSUM_AT, _COVERED_FROM, _LAST_AT, _RECORDS_FROM = 16, 17, 21, 23, 61
_MAGIC: Final = 2


class Unreadable(NamedTuple):
    """A batch that cannot be read."""

    offset: int  # of the first record that is not delivered
    flaw: Flaw
    detail: str  # what a codec says of it, else ""
    batch: bytes  # as the log has it


_unreadable: dict[TopicPartition, Unreadable] = {}


def pass_over_unreadable() -> None:
    """Let this process read batches in this way, and pass over one that cannot be read, saying so in its log.

    For a topic of our own, whose records are all published again.
    """
    read_with(Fetched, _Remaining)


def read_with(fetched: type["Fetched"], records: type["Delivered"]) -> None:
    """Let aiokafka read with these classes from the next fetch of this process on."""
    bound_decompression()
    vars(fetcher).update(MemoryRecords=fetched, PartitionRecords=records)


def take_unreadable() -> dict[TopicPartition, Unreadable]:
    """Return what could not be read since the last call, by partition."""
    found = dict(_unreadable)
    _unreadable.clear()
    return found


def examine(fetched: bytes, offset: int) -> Unreadable | None:
    """Tell what is wrong with the batch that holds an offset; None where every record can be read, or none is there.

    fetched -- batches as a broker sends them. Raises MemoryError.
    """
    bound_decompression()
    nowhere = TopicPartition("", 0)
    batch = fetched[_find(fetched, offset)]
    if not batch:
        return None
    for _ in Delivered(nowhere, Fetched(batch), None, offset, None, None, check_crcs=True, isolation_level=None):
        pass
    return _unreadable.pop(nowhere, None)


def end_of(batch: bytes) -> int | None:
    """Return the offset behind a batch, as its header has it; None where that is cut off or of another format."""
    if len(batch) < _RECORDS_FROM or batch[_MAGIC_AT] != _MAGIC:
        return None
    (first, _), (last,) = _BEGIN.unpack_from(batch), struct.unpack_from(">i", batch, _LAST_AT)
    return int(first + last + 1)


def _find(fetched: bytes, offset: int) -> slice:
    """Return where the batch is that holds an offset: what is left where no header says that one does."""
    place = 0
    while len(fetched) >= place + _RECORDS_FROM:
        _, length = _BEGIN.unpack_from(fetched, place)
        batch = slice(place, place + _BEGIN.size + max(0, length))
        end = end_of(fetched[batch])
        if end is None or end > offset:
            return batch
        place = batch.stop
    return slice(place, None)


class Fetched:
    """What was fetched of one partition; nothing of it is looked at before it is opened."""

    def __init__(self, raw: bytes) -> None:
        self.raw = bytes(raw)
        self.batches_read = 0
        self.first_offset, self.end_offset = 0, _ANY_OFFSET  # of the batch that is read now
        self._batches: Any = None

    def open(self, reader: type[Any]) -> None:
        """Read with one of aiokafka's classes from now on. Raises what that raises."""
        self._batches = reader(self.raw)

    def has_next(self) -> bool:
        """Tell whether there is something to read."""
        return bool(self.raw) if self._batches is None else self._batches.has_next()

    def next_batch(self) -> Any:  # noqa: ANN401 - aiokafka is not typed
        """Return the next batch. Raises what aiokafka raises."""
        self.batches_read += 1
        batch = self._batches.next_batch()
        if hasattr(batch, "base_offset"):  # else it is of a format before Kafka 0.11, of one record each
            self.first_offset, self.end_offset = batch.base_offset, batch.next_offset
        return batch

    def size_in_bytes(self) -> int:
        """Return how much there is."""
        return len(self.raw)


class Delivered(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka is not typed
    """The records of what was fetched of one partition, up to a batch that cannot be read."""

    _reader: type[Any] = MemoryRecords
    _records: Fetched
    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[Any]:
        """Open what was fetched when the first record is asked for."""
        self._records.open(self._reader)
        yield from super()._unpack_records()
        if not self._records.batches_read:
            raise CorruptRecordException("what was fetched holds no whole batch")

    def __next__(self) -> Any:  # noqa: ANN401
        """Return the next record; one with an offset outside of its batch would have others passed over."""
        try:
            return self._next_inside()
        except (StopIteration, *NO_VERDICTS):
            raise
        except BaseException as error:  # noqa: BLE001 - a verdict, as said in models/verdicts.py
            if isinstance(error, UnicodeDecodeError) and self._reader is not LenientRecords:
                self._reader = LenientRecords  # a header's name is the one text that aiokafka decodes
                self.begin_again()
                return next(self)
            batch = self._records.raw[self._at_hand]
            self._note(Unreadable(self.next_fetch_offset, *_judge(error, batch), batch))
            raise StopIteration from None

    def _next_inside(self) -> Any:  # noqa: ANN401
        """Return the next record. Raises CorruptRecordException, at its batch, for one that lies outside of it."""
        at = self.next_fetch_offset
        record = next(self._records_iterator)
        if record.offset >= self._records.end_offset:
            self.next_fetch_offset = max(at, self._records.first_offset)
            raise CorruptRecordException("a record lies outside of its batch")
        return record

    @property
    def _at_hand(self) -> slice:
        """Where the batch is whose records are delivered now."""
        return _find(self._records.raw, self.next_fetch_offset)

    def begin_again(self) -> None:
        """Read on from the batch at hand record by record; what was delivered of it is not delivered twice."""
        self._records = Fetched(self._records.raw[self._at_hand.start :])
        self._records_iterator = self._unpack_records()

    def _note(self, found: Unreadable) -> None:
        _unreadable[self._tp] = found


class _Remaining(Delivered):
    """The records of what was fetched of one partition, without a batch that cannot be read and those behind it.

    The next fetch begins behind that batch; where its end is not known, at the next offset.
    """

    def _note(self, found: Unreadable) -> None:
        self.next_fetch_offset = max(found.offset + 1, end_of(found.batch) or 0)
        _log.error(
            "%s/%d: passed over offsets %d to %d of a batch that cannot be read: %s",
            *self._tp,
            found.offset,
            self.next_fetch_offset - 1,
            found.detail or FLAWS[found.flaw],
        )


def _judge(error: BaseException, batch: bytes) -> tuple[Flaw, str]:
    """Name what is wrong with a batch over which an error was raised; with the words of its codec, if they tell it."""
    if len(batch) < _RECORDS_FROM or len(batch) != _BEGIN.size + _BEGIN.unpack_from(batch)[1]:
        return Flaw.LENGTH, ""
    if batch[_MAGIC_AT] != _MAGIC:
        return Flaw.FORMAT, ""
    if struct.unpack_from(">I", batch, _CHECKSUM_AT) != (calc_crc32c(batch[_COVERED_FROM:]),):
        return Flaw.CHECKSUM, ""
    if isinstance(error, TooLargeError):
        return Flaw.TOO_LARGE, ""
    if isinstance(error, PackedWrongError | UnsupportedCodecError):
        return Flaw.PACKED, str(error.args[0])
    return Flaw.RECORDS, ""
