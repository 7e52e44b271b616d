"""Whole batches hold what aiokafka delivers record by record: a contract with its private parts, over any log."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from brokers.batches import take_unreadable
from brokers.whole_batches import Records
from tests.brokers.raw_batches import as_producer, build, compacted, marker
from tests.brokers.reading import reading_whole_batches

SOURCE = TopicPartition("topic", 3)
ITS_OWN = (fetcher.MemoryRecords, fetcher.PartitionRecords, fetcher.FetchResult)
PRODUCER = 7
Read = tuple[list[ConsumerRecord[Any, Any]], int]  # records, and where the next fetch begins


@pytest.fixture(autouse=True, scope="module")
def whole_batches() -> Iterator[None]:
    """Read as a consumer process does."""
    with reading_whole_batches():
        yield


class Log(NamedTuple):
    """What a broker sends of a log, the transactions in it that were aborted, and where it ends."""

    fetched: bytes = b""
    aborted: tuple[tuple[int, int], ...] = ()
    end: int = 0


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Return a strategy for logs: batches in every codec, transactions of both ends, what compaction left."""
    log = Log()
    for _batch in range(draw(st.integers(1, 5))):
        values = draw(st.lists(st.binary(max_size=20), min_size=1, max_size=6))
        batch, end = build(log.end, *values, codec=draw(st.integers(0, 4))), log.end + len(values)
        match draw(st.sampled_from(["plain", "plain", "compacted", "aborted", "committed"])):
            case "compacted":
                behind = draw(st.integers(1, 9))
                batch, end = compacted(batch, behind), end + behind
            case "aborted":
                log = log._replace(aborted=(*log.aborted, (PRODUCER, log.end)))
                batch, end = as_producer(build(log.end, *values), PRODUCER) + marker(end, PRODUCER), end + 1
            case "committed":
                batch = as_producer(build(log.end, *values), PRODUCER + 1)
        log = log._replace(fetched=log.fetched + batch, end=end)
    return log


def open_result(classes: Sequence[Any], log: Log, offset: int) -> tuple[Any, Any]:
    """Return the result of a fetch from an offset on, and the state of its source partition."""
    records_class, partition_class, result_class = classes
    subscriptions = SubscriptionState()
    subscriptions.assign_from_user([SOURCE])
    subscriptions.seek(SOURCE, offset)
    assignment = subscriptions.subscription.assignment
    delivered = partition_class(
        *(SOURCE, records_class(log.fetched), log.aborted, offset, None, None),
        check_crcs=True,
        isolation_level=fetcher.READ_COMMITTED,
    )
    result = result_class(SOURCE, assignment=assignment, partition_records=delivered, backoff=0)
    return result, assignment.state_value(SOURCE)


def ours() -> tuple[Any, ...]:
    """Return the classes that a consumer process reads with."""
    return fetcher.MemoryRecords, fetcher.PartitionRecords, fetcher.FetchResult


def read_as(classes: Sequence[Any], log: Log, offset: int, takes: Sequence[int]) -> list[Read]:
    """Return what the result of a fetch delivers, so many records at a time, and the position after each."""
    result, state = open_result(classes, log, offset)
    found: list[Read] = []
    for count in (*takes, 1_000, 1_000):
        records = [*result.getall(count)] if result.has_more() else []
        found.append((records, state.position))
    return found


@given(log=logs(), data=st.data())
async def test_what_is_delivered_is_what_aiokafka_delivers(log: Log, data: st.DataObject) -> None:
    """From any offset, in portions of any size: the same records, and the same position after each portion."""
    offset = data.draw(st.integers(0, log.end))
    takes = data.draw(st.lists(st.integers(1, 7), max_size=4))
    expected = read_as(ITS_OWN, log, offset, takes)
    assert read_as(ours(), log, offset, takes) == expected
    assert take_unreadable() == {}


@given(log=logs())
async def test_one_by_one_is_the_same(log: Log) -> None:
    """As who sets one record aside reads."""
    assert [record.offset for record in one_by_one(log)] == [
        record.offset for records, _ in read_as(ITS_OWN, log, 0, []) for record in records
    ]


def one_by_one(log: Log) -> Iterator[ConsumerRecord[Any, Any]]:
    """Yield the records of a log as `getone` returns them."""
    result, _state = open_result(ours(), log, 0)
    while record := result.getone():
        yield record


async def test_a_paused_partition_delivers_nothing() -> None:
    """What was fetched of it before is thrown away, as aiokafka does it."""
    result, state = open_result(ours(), Log(build(0, b"a")), 0)
    state.pause()
    assert [*result.getall()] == []
    assert not result.has_more()


def test_records_are_cut_without_being_looked_at() -> None:
    """A part of them is as cheap as the whole, and each is what aiokafka delivers."""
    records = Records(SOURCE, [*MemoryRecords(build(0, b"a", b"b", b"c")).next_batch()])
    assert [record.value for record in records[1:]] == [b"b", b"c"]
    assert records[-1].offset == 2
