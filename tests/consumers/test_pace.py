"""A batch shrinks until Postgres commits it in time, and grows back."""

import asyncpg
import pytest
from aiokafka import TopicPartition

from consumers.feed import BATCH_RECORDS_MAX
from consumers.pace import Pace
from ledger.batch import Slice
from ledger.continuity import Start
from ledger.progress import Stored
from tests.doubles.facts import make_login, make_logins

SOURCE = TopicPartition("t", 0)


def _slice(records: int) -> Slice:
    return Slice(SOURCE, 5, 5 + records, make_logins(make_login() for _record in range(records)), [], None)


def _stored(next_offset: int) -> Stored:
    return Stored(SOURCE, Start(next_offset, None, stopped=False), (1, 1), None, 0, 0)


def _miss(pace: Pace, records: int, next_offset: int = 5) -> int:
    pace.note_late([_slice(records)])
    pace.judge([_stored(next_offset)])
    return pace.records


def test_a_late_batch_is_tried_in_smaller_ones_down_to_one_record() -> None:
    """A quarter each time of what it really held; one record is the smallest that there is."""
    pace = Pace()
    assert [_miss(pace, 4_000), _miss(pace, 1_000), _miss(pace, 3), _miss(pace, 1)] == [1_000, 250, 1, 1]


def test_a_batch_whose_commit_was_not_heard_shrinks_nothing() -> None:
    """Postgres holds an offset behind its first one: it is committed."""
    assert _miss(Pace(), 4_000, next_offset=4_005) == BATCH_RECORDS_MAX


def test_only_a_late_batch_shrinks_the_next_one() -> None:
    """Every other fault is waited out, at the same size."""
    pace = Pace()
    pace.judge([_stored(5)])
    assert pace.records == BATCH_RECORDS_MAX


def test_quick_batches_grow_back_and_slow_ones_stay() -> None:
    """Up to the size from which a batch began."""
    pace = Pace()
    _miss(pace, 4_000)
    pace.note_committed(5.0)
    assert pace.records == 1_000
    for _ in range(5):
        pace.note_committed(0.1)
    assert pace.records == BATCH_RECORDS_MAX


@pytest.mark.parametrize("error", [TimeoutError(), asyncpg.QueryCanceledError()])
def test_what_is_waited_for_is_said_until_a_batch_is_committed(error: Exception) -> None:
    """Its time may be over here, or in Postgres."""
    pace = Pace()
    with pytest.raises(type(error)), pace.measure([_slice(40)]):
        raise error
    assert pace.waits_for == "Postgres to commit a batch in time: one of 40 records was late"
    pace.judge([_stored(5)])
    assert pace.records == 10
    with pace.measure([_slice(10)]):
        pass
    assert (pace.waits_for, pace.records) == ("", 20)


def test_another_fault_than_lateness_changes_no_size() -> None:
    """A connection that is gone says nothing of the batch."""
    pace = Pace()
    with pytest.raises(ConnectionError), pace.measure([_slice(40)]):
        raise ConnectionError
    pace.judge([_stored(5)])
    assert (pace.waits_for, pace.records) == ("", BATCH_RECORDS_MAX)
