"""Batches as they stand in a log, whole and spoilt: what is delivered, and what is noted, one partition at a time."""

import struct
from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import Mock

import cramjam
import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.util import encode_varint
from hypothesis import example, given
from hypothesis import strategies as st

from brokers import batches, decompression
from brokers.batches import Unreadable, end_of, examine, take_unreadable
from brokers.decompression import UNPACKED_BYTES_MAX
from brokers.whole_batches import Records
from models.gap_kinds import Flaw
from tests.brokers.raw_batches import NAME, as_producer, build, marker, pack, replace_records, seal, spoil_names
from tests.brokers.reading import reading_whole_batches

SOURCE = TopicPartition("topic", 3)
CODECS = range(5)


@pytest.fixture(autouse=True)
def carefully() -> Iterator[None]:
    """Read as a consumer process does."""
    with reading_whole_batches():
        yield


def read(
    fetched: bytes, offset: int = 0, source: TopicPartition = SOURCE, aborted: Sequence[tuple[int, int]] = ()
) -> fetcher.PartitionRecords:
    """Read what was fetched from an offset on, as aiokafka's fetcher does it.

    aborted -- producer and first offset of each transaction that was aborted
    """
    records, level = fetcher.MemoryRecords(fetched), fetcher.READ_COMMITTED
    return fetcher.PartitionRecords(
        source, records, aborted, offset, None, None, check_crcs=True, isolation_level=level
    )


def deliver(fetched: bytes, offset: int = 0) -> list[ConsumerRecord[Any, Any]]:
    """Return what is delivered of what was fetched from an offset on."""
    return take(read(fetched, offset)) if fetcher.MemoryRecords(fetched).has_next() else []


def take(records: Any) -> list[ConsumerRecord[Any, Any]]:
    """Return every record, one by one where they are not taken many at once."""
    return [*Records(SOURCE, records.take(1_000_000)[0])] if hasattr(records, "take") else [*records]


def values_of(records: Sequence[ConsumerRecord[Any, Any]]) -> list[bytes]:
    """Return the values of records."""
    return [record.value for record in records]


@pytest.mark.parametrize("codec", CODECS)
def test_whole_batches_are_delivered(codec: int) -> None:
    """In every codec, from the offset that is asked for on."""
    fetched = build(0, b"a", b"b", codec=codec) + build(2, b"c", codec=codec)
    assert [(record.offset, record.value) for record in deliver(fetched, 1)] == [(1, b"b"), (2, b"c")]
    assert take_unreadable() == {}
    assert examine(fetched, 1) is None


@pytest.mark.parametrize("fetched", [b"", build(0, b"a"), build(0, b"a") + build(1, b"b")], ids=["empty", "one", "two"])
def test_where_no_record_is_nothing_is_wrong(fetched: bytes) -> None:
    """A leader that is asked at the end of its log answers with nothing, or with what stands before."""
    assert examine(fetched, 2) is None


def test_the_end_of_an_answer_may_be_half_a_batch() -> None:
    """A broker cuts where as many bytes are sent as were asked for; the next fetch begins there."""
    assert values_of(deliver(build(0, b"a") + build(1, b"b")[:-1])) == [b"a"]
    assert take_unreadable() == {}


SPOILT = {
    "checksum": (build(2, b"c")[:-1] + b"x", Flaw.CHECKSUM),
    "length too large": (build(2, b"c")[:8] + struct.pack(">i", 2**30) + build(2, b"c")[12:], Flaw.LENGTH),
    "length negative": (build(2, b"c")[:8] + struct.pack(">i", -12) + build(2, b"c")[12:], Flaw.LENGTH),
    "length too small": (build(2, b"c")[:8] + struct.pack(">i", 20) + build(2, b"c")[12:], Flaw.LENGTH),
    "cut off": (build(2, b"c")[:30], Flaw.LENGTH),
    "a format to come": (build(2, b"c")[:16] + b"\x03" + build(2, b"c")[17:-1] + b"x", Flaw.FORMAT),
    "codec unknown": (replace_records(build(2, b"c"), b"packed", 5), Flaw.PACKED),
    "gzip of nothing": (replace_records(build(2, b"c"), b"packed", 1), Flaw.PACKED),
    "snappy with a hostile length": (replace_records(build(2, b"c"), b"\xff\xff\xff\xff\x0fx", 2), Flaw.TOO_LARGE),
    "lz4 cut off": (replace_records(build(2, b"c"), bytes(cramjam.lz4.compress(b"c" * 90))[:-9], 3), Flaw.PACKED),
    "zstd bomb": (replace_records(build(2, b"c"), bytes(cramjam.zstd.compress(bytes(2**25))), 4), Flaw.TOO_LARGE),
    "no record": (replace_records(build(2, b"c"), b"", 0), Flaw.RECORDS),
    "a record too long": (replace_records(build(2, b"c"), b"\x7f" + build(2, b"c")[62:], 0), Flaw.RECORDS),
    "a varint without end": (replace_records(build(2, b"c"), b"\xff" * 20, 0), Flaw.RECORDS),
}


@pytest.mark.parametrize(("batch", "flaw"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_batch_ends_what_is_delivered_and_says_what_is_wrong(batch: bytes, flaw: Flaw) -> None:
    """Records before it are delivered, none behind it is; the batch is kept as it is."""
    behind = b"" if flaw is Flaw.LENGTH else build(3, b"d")
    assert values_of(deliver(build(0, b"a", b"b") + batch + behind)) == [b"a", b"b"]
    take_unreadable()
    assert deliver(batch + behind, 2) == []
    noted = take_unreadable()[SOURCE]
    assert (noted.offset, noted.flaw) == (2, flaw)
    assert noted.batch
    assert batch.startswith(noted.batch)
    assert bool(noted.detail) is (flaw is Flaw.PACKED)
    assert examine(batch, 2) == noted


def test_bytes_behind_the_records_of_a_batch_stop_nothing() -> None:
    """Every record that its header promises is there; the next fetch begins behind it."""
    batch = replace_records(build(0, b"a"), build(0, b"a")[61:] + b"x", 0)
    assert values_of(deliver(batch + build(1, b"b"))) == [b"a"]
    assert values_of(deliver(build(1, b"b"), 1)) == [b"b"]


def test_a_batch_that_is_spoilt_in_its_middle_is_delivered_up_to_there() -> None:
    """What stood before the fault was delivered; it is noted where it could not go on."""
    batch = build(0, b"a", b"b", b"c")
    spoilt = seal(batch.replace(b"\x02c", b"\x7fc"))
    assert spoilt != batch
    assert values_of(deliver(spoilt)) == [b"a", b"b"]
    assert take_unreadable() == {SOURCE: Unreadable(2, Flaw.RECORDS, "", spoilt)}


@pytest.mark.parametrize("length", [2**20, 2**30, 2**31 - 1, -(2**31), -(2**20), -2])
def test_a_length_that_points_out_of_a_batch_kills_nobody(length: int) -> None:
    """Behind a header name that is not UTF-8, where a batch is read by other code: it died of reading elsewhere."""
    sound = build(0, b"a", b"b", name=NAME)
    records = bytearray(sound[61 : 61 + (len(sound) - 61) // 2] + b"\x14\x00\x00\x02")
    encode_varint(length, records.append)
    found = examine(spoil_names(replace_records(sound, bytes(records), 0)), 0)
    assert found is not None
    assert (found.offset, found.flaw) == (1, Flaw.RECORDS)


def test_a_record_outside_of_its_batch_is_not_delivered() -> None:
    """It would let recording go on far behind the end of the log; what stands before it was delivered."""
    batch = build(7, b"a", b"b", b"c")
    far = seal(batch.replace(b"\x00\x00\x04\x06key", b"\x00\x00\x7e\x06key"))
    assert far != batch
    records = read(build(6, b"z") + far, 6)
    assert values_of(take(records)) == [b"z", b"a", b"b"]
    assert records.next_fetch_offset == 9
    assert take_unreadable() == {SOURCE: Unreadable(9, Flaw.RECORDS, "", far)}


def test_each_partition_is_noted_by_itself() -> None:
    """One in which nothing is wrong loses nothing by the other."""
    spoilt = seal(build(0, b"a")[:-1] + b"x")
    other = read(build(0, b"b"), source=TopicPartition("topic", 4))
    assert deliver(spoilt[:-1] + b"y") == []
    assert values_of(take(other)) == [b"b"]
    assert take_unreadable().keys() == {SOURCE}


@pytest.mark.parametrize("codec", CODECS)
def test_names_of_headers_may_be_any_bytes(codec: int) -> None:
    """Their record is delivered with bytes that are not UTF-8 kept, those before it once, and those behind it."""
    spoilt = spoil_names(build(2, b"c", b"d", name=NAME))
    packed = pack(codec, spoilt[61:])
    fetched = build(0, b"a", b"b") + replace_records(spoilt, packed, codec) + build(4, b"e")
    records = deliver(fetched, 1)
    assert [(record.offset, record.value) for record in records] == [(1, b"b"), (2, b"c"), (3, b"d"), (4, b"e")]
    assert records[1].headers == (("\udcff" * len(NAME), b"header"),)
    assert take_unreadable() == {}


@pytest.mark.parametrize("codec", [1, 3, 4])
def test_a_bomb_stays_one_after_names_that_are_not_utf8(codec: int) -> None:
    """The slower way of reading has the same limit."""
    deliver(spoil_names(build(0, b"a", name=NAME)))
    bomb = replace_records(spoil_names(build(1, b"b", name=NAME)), pack(codec, bytes(UNPACKED_BYTES_MAX + 1)), codec)
    assert deliver(spoil_names(build(0, b"a", name=NAME)) + bomb) != []
    assert take_unreadable()[SOURCE].flaw is Flaw.TOO_LARGE


@pytest.mark.parametrize("raised", [MemoryError(), KeyboardInterrupt()])
def test_what_says_nothing_of_the_batch_is_no_verdict(raised: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is noted, and who reads must end."""
    monkeypatch.setitem(decompression.CODECS, "lz4", Mock(side_effect=raised))
    with pytest.raises(type(raised)):
        deliver(build(0, b"a" * 100, codec=3))
    assert take_unreadable() == {}


def test_whatever_else_is_raised_is_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next version of a library may raise what this one does not."""
    monkeypatch.setattr(fetcher.PartitionRecords, "_consumer_record", Mock(side_effect=AssertionError))
    assert deliver(build(0, b"a")) == []
    assert take_unreadable()[SOURCE].flaw is Flaw.RECORDS


def test_aborted_records_are_left_out_also_where_a_batch_is_read_again() -> None:
    """What was aborted before a batch with a strange header name stays so."""
    aborted = as_producer(build(0, b"a", b"b"), 7)
    fetched = aborted + marker(2, 7) + spoil_names(as_producer(build(3, b"c", name=NAME), 7)) + marker(4, 7)
    records = read(fetched, aborted=[(7, 0)])
    assert values_of(take(records)) == [b"c"]
    assert records.next_fetch_offset == 5


def test_the_end_of_a_batch_is_known_from_its_header() -> None:
    """As far as there is one."""
    batch = build(5, b"a", b"b", b"c")
    assert (end_of(batch), end_of(batch[:61]), end_of(batch[:60]), end_of(b"")) == (8, 8, None, None)


@given(
    packed=st.binary(max_size=300),
    codec=st.integers(0, 7),
    spoil=st.dictionaries(st.integers(0, 60), st.integers(0, 255), max_size=3),
)
@example(packed=b"", codec=0, spoil={})
def test_any_bytes_are_delivered_or_noted(packed: bytes, codec: int, spoil: dict[int, int]) -> None:
    """A sound header, any body; or a header that is spoilt itself: never is anything raised, nor nothing said."""
    batch = bytearray(replace_records(build(0, b"a"), packed, codec))
    for place, byte in spoil.items():
        batch[place] = byte
    take_unreadable()
    delivered = read(bytes(batch))
    got = take(delivered)
    assert all(record.offset < (end_of(bytes(batch)) or 0) for record in got)
    assert got or SOURCE in take_unreadable() or delivered.next_fetch_offset > 0


def test_a_topic_of_our_own_goes_on_behind_a_batch_that_cannot_be_read(caplog: pytest.LogCaptureFixture) -> None:
    """What is passed over is told with its offsets and its flaw; nothing is noted, for nobody stops there."""
    batches.pass_over_unreadable()
    spoilt = build(1, b"b", b"c")[:-1] + b"x"
    records = read(build(0, b"a") + spoilt + build(3, b"d"))
    assert values_of(take(records)) == [b"a"]
    assert records.next_fetch_offset == 3
    assert "topic/3: passed over offsets 1 to 2 of a batch that cannot be read: its checksum is wrong" in caplog.text
    records = read(spoilt[:30], 1)
    assert take(records) == []
    assert records.next_fetch_offset == 2
    assert take_unreadable() == {}
