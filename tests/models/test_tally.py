"""Counts add up whatever is lost, repeated or late: the laws of the lattice."""

from collections import Counter
from datetime import date, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calendar import day_of
from models.decoding.one_record import Accepted
from models.tally import ALL, PAGE_DAYS_MAX, Page, Total, newer, newest_days, total
from tests.models.strategies import count_facts, facts, kinds, pages

PARTITIONS = 3
batches = kinds.flatmap(lambda kind: st.lists(facts(st.just(kind)), max_size=30))
some_pages = pages(0, PARTITIONS)
complete = st.tuples(*(pages(partition, PARTITIONS) for partition in range(PARTITIONS)))


def _fold(arrivals: list[Page]) -> dict[int, Page]:
    """Keep of each source partition what `newer` keeps, as a stream worker does."""
    kept: dict[int, Page] = {}
    for page in arrivals:
        kept[page.partition] = newer(kept.get(page.partition), page)
    return kept


@pytest.mark.slow
@given(batches)
def test_the_sums_by_every_dimension_equal_the_sum_of_all(batch: list[Accepted]) -> None:
    """A marginal that does not add up would be a wrong number on a graph."""
    by_dimension: Counter[tuple[date, str]] = Counter()
    for cell, counted in count_facts(batch).items():
        by_dimension[cell.day, cell.dimension] += counted
    by_day = Counter(day_of(fact.content[1]) for fact in batch)
    dimensions = {ALL[0], *(batch[0].kind.counted if batch else ())}
    assert by_dimension == {(day, name): counted for day, counted in by_day.items() for name in dimensions}


@given(batches, st.integers(0, 30))
def test_counting_in_two_batches_is_counting_in_one(batch: list[Accepted], cut: int) -> None:
    """Where a batch ends is chance and must not show."""
    assert count_facts(batch[:cut]) + count_facts(batch[cut:]) == count_facts(batch)


@pytest.mark.slow
@given(batches)
def test_every_value_of_a_fact_is_counted_under_its_own_dimension(batch: list[Accepted]) -> None:
    """A level must never be counted as a province."""
    cells = count_facts(batch)
    for fact in batch:
        for name, value in zip(fact.kind.counted, fact.content[2:], strict=False):
            assert cells[day_of(fact.content[1]), name, str(value)] > 0  # type: ignore[index]  # a Cell is a tuple


@given(some_pages, some_pages, some_pages)
def test_merging_pages_is_commutative_associative_and_idempotent(a: Page, b: Page, c: Page) -> None:
    """Whatever order and however often pages arrive, the same one is kept."""
    assert newer(a, b) == newer(b, a)
    assert newer(newer(a, b), c) == newer(a, newer(b, c))
    assert newer(a, a) == a == newer(None, a)


@given(some_pages, some_pages)
def test_a_merge_never_goes_back(known: Page, arrived: Page) -> None:
    """A zombie's late page cannot lower a version."""
    assert newer(known, arrived).version == max(known.version, arrived.version)


@given(st.data(), st.lists(complete, min_size=1, max_size=4))
def test_the_total_is_the_same_for_any_order_and_repetition(
    data: st.DataObject, arrivals: list[tuple[Page, ...]]
) -> None:
    """Pages are lost, repeated and reordered; the total is not."""
    flat = [page for arrival in arrivals for page in arrival]
    repeated = data.draw(st.permutations(flat + data.draw(st.lists(st.sampled_from(flat), max_size=8))))
    assert total(_fold(repeated)) == total(_fold(flat))


@given(st.lists(complete, min_size=1, max_size=4))
def test_pages_that_a_newer_one_supersedes_may_be_lost(arrivals: list[tuple[Page, ...]]) -> None:
    """Only the newest page of each source partition matters, so a lost one heals."""
    flat = [page for arrival in arrivals for page in arrival]
    newest = [reduce(newer, (page for page in flat if page.partition == n)) for n in range(PARTITIONS)]
    assert total(_fold(newest)) == total(_fold(flat))


@given(complete)
def test_the_total_is_the_sum_over_source_partitions(arrived: tuple[Page, ...]) -> None:
    """Facts, values, days and freshness are summed or taken from the newest."""
    arrived = tuple(page.model_copy(update={"epoch": 1}) for page in arrived)
    summed = total(_fold(list(arrived)))
    assert summed is not None
    counted = sum(page.totals["all"][""] for page in arrived)
    assert summed.facts == counted == summed.totals["portal"]["national"] == summed.days[date(2024, 6, 10)]
    assert summed.newest_at == max(page.newest_at for page in arrived if page.newest_at)


@given(complete, st.integers(0, PARTITIONS - 1))
def test_pages_of_two_epochs_are_never_added_up(arrived: tuple[Page, ...], ahead: int) -> None:
    """After a new ledger or a rebuild a sum over old and new pages was true at no time."""
    epochs = {
        page.partition: page.model_copy(update={"epoch": 2 if page.partition == ahead else 1}) for page in arrived
    }
    assert total(epochs) is None
    assert total({number: page.model_copy(update={"epoch": 2}) for number, page in epochs.items()}) is not None


@given(complete, st.integers(0, PARTITIONS - 1))
def test_a_total_without_a_page_of_each_source_partition_is_none(arrived: tuple[Page, ...], lost: int) -> None:
    """A partial total would be a wrong one: better none."""
    assert total({page.partition: page for page in arrived if page.partition != lost}) is None
    assert total({}) is None


def test_a_total_of_empty_pages_is_zero_and_has_no_newest_record() -> None:
    """A fresh installation shows 0, not nothing."""
    empty = {"topic": "t", "partitions": 1, "epoch": 0, "revision": 0, "newest_at": None, "totals": {}, "days": {}}
    assert total({0: Page.model_validate({**empty, "partition": 0})}) == Total({}, {}, None)
    assert Total({}, {}, None).facts == 0


@given(st.dictionaries(st.dates(date(2024, 1, 1), date(2024, 3, 1)), st.integers(0, 9)))
def test_a_page_carries_the_newest_week_and_nothing_else(days: dict[date, int]) -> None:
    """Pages stay small in the sixth year as on the first day."""
    kept = newest_days(days)
    first = max(days, default=date(2024, 1, 1)) - timedelta(days=PAGE_DAYS_MAX - 1)
    assert kept == {day: counted for day, counted in days.items() if day >= first}
    assert len(kept) <= PAGE_DAYS_MAX


@given(some_pages)
def test_a_page_survives_being_written_and_read(page: Page) -> None:
    """What a consumer announces is what a stream worker reads."""
    assert Page.model_validate_json(page.model_dump_json()) == page
