"""What may have failed is tried alone, in small steps, and what fails more often later."""

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from aiokafka import TopicPartition

from consumers.care import Care
from consumers.outages import BatchFailedError, blame
from ledger.continuity import Start
from ledger.progress import ClaimMissedError, Stored
from tests.doubles.kafka import OTHER, SOURCE
from tests.doubles.ledger import Ledger

ENDS = {SOURCE: 1_000, OTHER: 1_000}


def make_stored(source: TopicPartition = SOURCE, *, takeovers: int = 0, tried: int = 0) -> Stored:
    """Return where a source partition stands: at its beginning."""
    return Stored(source, Start(0, None, stopped=False), (1, 1), None, takeovers, tried)


def begin(*rows: Stored, care: Care | None = None) -> Care:
    """Return a care that has begun with source partitions."""
    made = care or Care()
    made.begin(made.find_suspects(rows), ENDS)
    return made


@pytest.mark.parametrize(
    ("row", "step"),
    [
        (make_stored(takeovers=2), None),
        (make_stored(takeovers=3), 100),
        (make_stored(tried=1), 1),
        (make_stored(takeovers=9, tried=2), 1),
    ],
    ids=["twice begun", "begun three times", "tried in steps", "tried alone"],
)
def test_how_a_former_life_ended_says_how_to_try(row: Stored, step: int | None) -> None:
    """Two ends may be chance; after three small steps are made, and after one that failed the smallest."""
    care = begin(row, make_stored(OTHER))
    assert care.watched == (frozenset() if step is None else {SOURCE})
    assert step is None or care.step_of(SOURCE) == step


def test_what_has_nothing_waiting_is_sound() -> None:
    """Nothing of it can have ended a process."""
    care = Care()
    care.begin([make_stored(takeovers=3)], {SOURCE: 0})
    assert not care.watched


def test_sound_ones_have_every_other_turn_and_what_failed_comes_last() -> None:
    """So that others go on, whatever is tried."""
    care = begin(make_stored(tried=1), make_stored(OTHER, takeovers=3))
    assert [care.choose(care.watched) for _ in range(3)] == [OTHER, None, OTHER]


def test_what_was_recorded_far_enough_is_sound() -> None:
    """As far as its log reached when it was first looked at."""
    care = begin(make_stored(takeovers=3))
    care.go_on(SOURCE, 999)
    assert care.watched == {SOURCE}
    care.go_on(SOURCE, 1_000)
    assert not care.watched


def test_a_batch_that_fails_is_tried_alone_in_the_same_life() -> None:
    """Until nothing at all was recorded between five failures: then the error is raised."""
    care, failure = begin(make_stored(), make_stored(OTHER)), BatchFailedError([SOURCE], KeyError("x"))
    care.suspect(failure)
    begin(make_stored(), make_stored(OTHER), care=care)
    assert care.watched == {SOURCE}
    assert (care.step_of(SOURCE), care.failed_by(SOURCE), care.failed_by(OTHER)) == (100, "KeyError", "")
    for _ in range(3):
        care.suspect(failure)
    care.note_recorded()
    for _ in range(4):
        care.suspect(failure)
    with pytest.raises(KeyError):
        care.suspect(failure)


async def test_a_try_that_nothing_comes_of_counts_once_whoever_is_tried_in_between() -> None:
    """What is fetched first is the last record recorded: it is no record of the try, and no failure."""
    care = begin(make_stored(tried=1), make_stored(OTHER, tried=1))
    ledger: Any = Ledger()
    for source in (SOURCE, OTHER, SOURCE, OTHER):
        assert await care.may_try(ledger, source, 0)
    assert ledger.tries == [(SOURCE, 0), (OTHER, 0)]
    await care.take_back(ledger)
    assert ledger.tries == []
    care.suspect(BatchFailedError([SOURCE], KeyError("x")))
    begin(make_stored(tried=2), make_stored(OTHER, tried=1), care=care)
    assert await care.may_try(ledger, SOURCE, 0)
    assert await care.may_try(ledger, OTHER, 0)
    assert ledger.tries == [(SOURCE, 0)]


def test_what_is_stopped_or_whose_end_nobody_tells_is_not_waited_for() -> None:
    """A leader that is away must not hold up what others lead."""
    care, stopped = Care(), make_stored(takeovers=3, tried=3)
    assert care.find_suspects([stopped._replace(start=stopped.start._replace(stopped=True))]) == []
    care.begin([make_stored(takeovers=3), make_stored(OTHER, tried=1)], {})
    assert care.watched == {OTHER}


@pytest.mark.parametrize(
    "make", [lambda: KeyError("x"), lambda: asyncpg.RaiseError("x"), lambda: asyncpg.DataError("x")]
)
def test_errors_of_our_own_blame_the_batch(make: Callable[[], Exception]) -> None:
    """Whatever it is that our program or a row fails by."""
    with pytest.raises(BatchFailedError) as raised, blame([SOURCE]):
        raise make()
    assert raised.value.sources == [SOURCE]


@pytest.mark.parametrize("error", [ClaimMissedError(), OSError(), asyncpg.DeadlockDetectedError("x"), TimeoutError()])
def test_faults_of_servers_do_not(error: Exception) -> None:
    """They are waited out as before."""
    with pytest.raises(type(error)), blame([SOURCE]):
        raise error
