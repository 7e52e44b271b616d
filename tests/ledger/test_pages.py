"""A running page follows what its owner commits, and knows when somebody else has written in between."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition

from ledger.batch import Judged, Slice, Written
from ledger.pages import Held, RunningPage
from models.catalogue import LOGINS
from models.decoding.one_record import Counted
from models.outcomes import Duplicate
from models.tally import ALL, PAGE_DAYS_MAX, Opening
from tests.doubles.facts import APPENDED_AT, VNEID, make_login, make_logins

SOURCE = TopicPartition(LOGINS.topic, 3)
LEDGER = UUID(int=1)
DAY = date(2024, 6, 5)


def make_counted(day: date) -> Counted:
    """Return what a login of a day counts as."""
    values: list[Any] = [VNEID, *(["national"] * len(LOGINS.dimensions))]
    return (day, *values)


def make_written(revision: int, *days: date, epoch: int = 1, duplicates: int = 0) -> Written:
    """Return a batch with a login on each of some days, the last ones known before."""
    moments = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
    facts = make_logins(make_login(number, at=moment) for number, moment in enumerate(moments))
    known = dict.fromkeys(range(len(days) - duplicates, len(days)), Duplicate.RETRY)
    part = Slice(SOURCE, 0, len(days), facts, [], None)
    return Written(Judged(part, known), epoch, revision)


def make_page(opening: Opening | None = None) -> RunningPage:
    """Return the page of an empty source partition at its first version."""
    return RunningPage(SOURCE, (1, 1), None, Held({}, {}, opening, {}))


def test_a_page_counts_what_is_committed_and_nothing_that_was_known() -> None:
    """By day, by dimension and in all, with the version of the transaction."""
    page = make_page()
    assert page.follow(make_written(2, DAY, DAY, DAY, duplicates=1))
    shown = page.show(LEDGER, 8)
    assert (shown.ledger, shown.partition, shown.partitions, shown.version) == (LEDGER, 3, 8, (1, 2))
    assert shown.totals[ALL[0]] == {ALL[1]: 2}
    assert all(sum(counts.values()) == 2 for counts in shown.totals.values())
    assert set(shown.totals) == {ALL[0], *LOGINS.counted}
    assert (shown.days, shown.newest_at) == ({DAY: 2}, APPENDED_AT)


@pytest.mark.parametrize(("revision", "epoch"), [(3, 1), (1, 1), (2, 2)], ids=["missed one", "again", "another epoch"])
def test_a_page_does_not_follow_over_what_somebody_else_wrote(revision: int, epoch: int) -> None:
    """It stays what it was, and must be read."""
    page = make_page()
    before = page.show(LEDGER, 8)
    assert not page.follow(make_written(revision, DAY, epoch=epoch))
    assert page.show(LEDGER, 8) == before


def test_a_batch_without_a_new_fact_raises_the_version_alone() -> None:
    """Its counters were raised in Postgres, and the append time of what counts stays."""
    page = make_page()
    assert page.follow(make_written(2, DAY))
    assert page.follow(make_written(3, DAY, duplicates=1))
    shown = page.show(LEDGER, 8)
    assert shown.version == (1, 3)
    assert (shown.days, shown.newest_at) == ({DAY: 1}, APPENDED_AT)


def test_only_the_newest_days_stay_in_a_page() -> None:
    """However long it follows, it is as small as one that was read."""
    page = make_page()
    days = [date(2024, 6, day) for day in range(1, PAGE_DAYS_MAX + 4)]
    for revision, day in enumerate(days, 2):
        assert page.follow(make_written(revision, day))
    shown = page.show(LEDGER, 8)
    assert sorted(shown.days) == days[-PAGE_DAYS_MAX:]
    assert shown.totals[ALL[0]] == {ALL[1]: len(days)}


def test_facts_on_days_of_an_opening_balance_are_told_apart() -> None:
    """In the dimensions by which the balance is known; they are in the sum once."""
    opening = Opening(as_of=DAY, facts={ALL[0]: {ALL[1]: 100}})
    page = make_page(opening)
    assert page.follow(make_written(2, DAY, date(2024, 6, 6)))
    shown = page.show(LEDGER, 8)
    assert shown.covered == {ALL[0]: Counter({ALL[1]: 1})}
    assert shown.totals[ALL[0]] == {ALL[1]: 2}
