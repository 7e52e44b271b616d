"""Whole batches out of aiokafka: no generator's step and no ConsumerRecord for each record of a batch that is sound.

What is delivered of which batch (transactions, markers, what compaction left) is decided by aiokafka's own code, which
is shown each batch as if it were one record. Where anything is wrong with a batch, it is read again record by record,
as brokers/batches.py does.
"""

from collections.abc import Iterator, Sequence
from operator import attrgetter, lt
from typing import Any, Final, NamedTuple, cast, overload

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException

from brokers.batches import Delivered, Fetched, read_with
from models.verdicts import NO_VERDICTS

_offset_of: Final = attrgetter("offset")
_EVERYTHING: Final = 2**31


class Records(Sequence[ConsumerRecord[bytes, bytes]]):
    """Records of one source partition, as aiokafka's decoder has made them; a ConsumerRecord where one is asked for."""

    def __init__(self, source: TopicPartition, raw: Sequence[Any]) -> None:
        self.source, self.raw = source, raw

    def __len__(self) -> int:
        return len(self.raw)

    @overload
    def __getitem__(self, place: int) -> ConsumerRecord[bytes, bytes]: ...
    @overload
    def __getitem__(self, place: slice) -> "Records": ...

    def __getitem__(self, place: int | slice) -> "ConsumerRecord[bytes, bytes] | Records":
        """Return one record, as aiokafka delivers it, or some."""
        if isinstance(place, slice):
            return Records(self.source, self.raw[place])
        raw = self.raw[place]
        sizes = (-1 if text is None else len(text) for text in (raw.key, raw.value))
        said = (raw.offset, raw.timestamp, raw.timestamp_type, raw.key, raw.value, raw.checksum)
        return ConsumerRecord(*self.source, *said, *sizes, tuple(raw.headers))


def read_whole_batches() -> None:
    """Let this process read whole batches from its next fetch on, each unpacked within the limit."""
    read_with(_Batches, _Wholes)
    vars(fetcher).update(FetchResult=_Result)


class _Chunk(NamedTuple):
    """The records of a batch; to aiokafka one record, at the offset of the last."""

    offset: int
    records: list[Any]


class _Batch:
    """A batch of which aiokafka sees one record; a marker of a transaction is what it is."""

    def __init__(self, batch: Any) -> None:  # noqa: ANN401 - aiokafka is not typed
        self._batch = batch

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the same
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # noqa: ANN401 - the same
        """Return the marker."""
        return next(self._batch)

    def __iter__(self) -> Iterator[_Chunk]:
        """Return all records at once. Raises what is wrong with any, and CorruptRecordException for odd offsets."""
        records = list(self._batch)
        offsets = [*map(_offset_of, records), self._batch.next_offset]
        if not all(map(lt, offsets, offsets[1:])):
            raise CorruptRecordException("a record lies outside of its batch")
        return iter([_Chunk(offsets[-2], records)] if records else [])


class _Batches(Fetched):
    """What was fetched of one partition, batch by batch; of a format before Kafka 0.11, record by record."""

    def next_batch(self) -> Any:  # noqa: ANN401 - aiokafka is not typed
        """Return the next batch. Raises what aiokafka raises."""
        batch = super().next_batch()
        return _Batch(batch) if hasattr(batch, "base_offset") else batch


class _Wholes(Delivered):
    """The records of what was fetched of one partition, taken many at once, up to a batch that cannot be read."""

    _waiting: Sequence[Any] = ()  # read, and not yet taken
    _is_careful = False

    def take(self, count: int) -> tuple[list[Any], bool]:
        """Return so many records, and whether those are the last."""
        taken: list[Any] = []
        while len(taken) < count:
            read = self._waiting or self._read()
            if read is None:
                return taken, True
            part, self._waiting = read[: count - len(taken)], read[count - len(taken) :]
            taken += part
            self.next_fetch_offset = part[-1].offset + 1
        return taken, False

    def _read(self) -> list[Any] | None:
        """Return the next records that can be read; None where there is none."""
        if not self._is_careful:
            try:
                return next(self._records_iterator, None)
            except NO_VERDICTS:
                raise
            except BaseException:  # noqa: BLE001 - a verdict, which is found record by record
                self._is_careful = True
                self.begin_again()
        record = next(self, None)
        return None if record is None else [record]

    def _consumer_record(self, _source: TopicPartition, record: Any) -> Any:  # noqa: ANN401 - aiokafka is not typed
        """Return what aiokafka would deliver of a batch, or a record as it is."""
        if not isinstance(record, _Chunk):
            return record if self._is_careful else [record]
        first, records = self.next_fetch_offset, record.records
        return records if records[0].offset >= first else [each for each in records if each.offset >= first]


class _Result(fetcher.FetchResult):  # type: ignore[misc]  # aiokafka is not typed
    """What was fetched of one partition and is not yet delivered."""

    _partition_records: _Wholes | None

    def getall(self, max_records: int | None = None) -> Records:
        """Return so many records, or all."""
        source = self._topic_partition
        if not self.check_assignment(source) or not self.has_more():
            return Records(source, ())
        taken, is_all = cast("_Wholes", self._partition_records).take(max_records or _EVERYTHING)
        self._update_position()
        if is_all:
            self._partition_records = None
        return Records(source, taken)

    def getone(self) -> ConsumerRecord[bytes, bytes] | None:
        """Return one record; None where there is none."""
        records = self.getall(1)
        return records[0] if records else None
