"""Every kind of drift is planted once, and named to the cell; what agrees is left alone."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

import pytest

from models.catalogue import IDENTITY_RECORDS
from models.tally import ALL
from operations.recount.drift import (
    TALLIES,
    Counts,
    Drift,
    TallyCell,
    find_metric_drifts,
    find_progress_drifts,
    find_tally_drifts,
)
from tests.operations.pages import RECORDS, show

DAY = date(2024, 6, 1)
TOPIC = "onboarding.identity-records.v1"
AGREEING = {"consumed": 15, "accepted": 10, "retries": 2, "repeats": 1, "conflicts": 1, "refused": 1}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            TallyCell(3, DAY, "province", "01", 12, 13),
            f"identity_records_received tally {TOPIC}/3 day 2024-06-01 province=01: ledger 12, tally 13",
        ),
        (
            TallyCell(3, DAY, "all", "", 12, None),
            f"identity_records_received tally {TOPIC}/3 day 2024-06-01 all: ledger 12, tally has no such row",
        ),
        (
            TallyCell(0, DAY, "channel", "mobile-team", None, 1),
            f"identity_records_received tally {TOPIC}/0 day 2024-06-01 channel=mobile-team: ledger 0, tally 1",
        ),
    ],
    ids=["a changed cell", "a missing row", "an extra row"],
)
def test_a_tally_that_differs_is_named(cell: TallyCell, expected: str) -> None:
    """Who repairs it must know which row."""
    assert [drift.describe() for drift in find_tally_drifts(IDENTITY_RECORDS, [cell])] == [expected]


def test_each_side_of_a_closed_day_has_its_right_name() -> None:
    """The tallies are compared with it, not the ledger: whoever repairs a day must know which number is which."""
    drift = Drift(IDENTITY_RECORDS.name, f"closed_day {TOPIC}", f"day {DAY}", 122, 117, TALLIES, DAY)
    assert drift.describe().endswith("day 2024-06-01: tallies 122, closed with, and told since, 117")


@pytest.mark.parametrize(
    ("where", "remedy"),
    [
        (f"tally {TOPIC}/0", "onboarding rebuild"),
        (f"closed_day {TOPIC}", "onboarding rebuild"),
        (f"progress {TOPIC}/0", "no command sets a counter"),
        ("metric onboarding_x_total", "onboarding doctor"),
    ],
)
def test_each_difference_says_what_to_do(where: str, remedy: str) -> None:
    """Or that nothing is to be done by hand."""
    assert remedy in Drift(IDENTITY_RECORDS.name, where, "", 1, 2).remedy


@pytest.mark.parametrize(("ledger", "tally"), [(5, 5), (None, 0), (0, None)])
def test_a_tally_that_agrees_is_no_drift(ledger: int | None, tally: int | None) -> None:
    """No row counts as 0 on either side."""
    assert list(find_tally_drifts(IDENTITY_RECORDS, [TallyCell(0, DAY, *ALL, ledger, tally)])) == []


@pytest.mark.parametrize("counter", list(AGREEING))
def test_a_counter_that_differs_is_named(counter: str) -> None:
    """Law 1 holds for every counter of a source partition, consumed included."""
    held = AGREEING | {counter: AGREEING[counter] + 1}
    (drift,) = find_progress_drifts(IDENTITY_RECORDS, {2: rows()}, {2: held})
    place = f"identity_records_received progress {TOPIC}/2 {counter}"
    assert drift.describe() == f"{place}: ledger {AGREEING[counter]}, progress {AGREEING[counter] + 1}"


def test_counters_that_agree_are_no_drift() -> None:
    """A check that always fires would be switched off."""
    assert list(find_progress_drifts(IDENTITY_RECORDS, {2: rows()}, {2: AGREEING})) == []


def test_rows_of_a_partition_without_progress_are_a_drift() -> None:
    """A lost row of progress would otherwise be counted a second time unseen."""
    drifts = [drift.describe() for drift in find_progress_drifts(IDENTITY_RECORDS, {2: rows()}, {})]
    assert len(drifts) == len(AGREEING)
    assert drifts[0].endswith("consumed: ledger 15, progress has no such row")


def rows() -> Counter[str]:
    """Return the rows that agree with the counters."""
    return Counter({name: records for name, records in AGREEING.items() if name != "consumed"})


def test_shown_totals_that_agree_are_no_drift() -> None:
    """Total and marginals of one moment are equal."""
    assert find({}, RECORDS, RECORDS) == []


@pytest.mark.parametrize(
    ("planted", "expected"),
    [
        ({ALL: 13}, "metric onboarding_identity_records_received_total: ledger 12, metric 13"),
        ({ALL: 11}, "metric onboarding_identity_records_received_total: ledger 12, metric 11"),
        (
            {("province", "79"): 8},
            "metric onboarding_identity_records_received_by_province_total province=79: ledger 7, metric 8",
        ),
        (
            {("source", "urn:nobody"): 1},
            "metric onboarding_identity_records_received_by_source_total source=urn:nobody: ledger 0, metric 1",
        ),
    ],
    ids=["a total too high", "a total too low", "a marginal", "a marginal of nothing"],
)
def test_a_shown_total_that_differs_is_named(planted: Counts, expected: str) -> None:
    """Who is asked about a number must know which one is wrong."""
    assert find(planted, RECORDS, RECORDS) == [f"identity_records_received {expected}"]


def test_a_marginal_that_is_not_shown_is_a_drift() -> None:
    """A province must not vanish from the map unseen."""
    page = show({IDENTITY_RECORDS.name: {cell: facts for cell, facts in RECORDS.items() if cell != ("province", "01")}})
    (drift,) = find_metric_drifts(IDENTITY_RECORDS, RECORDS, RECORDS, page)
    name = "onboarding_identity_records_received_by_province_total"
    expected = f"identity_records_received metric {name} province=01: ledger 5, metric not shown"
    assert drift.describe() == expected


def test_a_total_that_is_not_shown_is_one_drift() -> None:
    """One line says it; a line for each of its provinces would hide it."""
    (drift,) = find_metric_drifts(IDENTITY_RECORDS, RECORDS, RECORDS, show({}))
    assert drift.is_hidden
    assert drift.describe().endswith("onboarding_identity_records_received_total: ledger 12, metric not shown")


@pytest.mark.parametrize(("shown", "drifts"), [(11, 1), (12, 0), (13, 0), (14, 0), (15, 1)])
def test_a_shown_total_may_lie_between_two_counts(shown: int, drifts: int) -> None:
    """While records arrive, the page is read between two counts, and only what is outside of them is wrong."""
    most = {cell: facts + 2 for cell, facts in RECORDS.items()}
    assert len(find({ALL: shown}, RECORDS, most)) == drifts


def find(planted: Counts, least: Counts, most: Counts) -> list[str]:
    """Return what is found on a page that shows the records with some cells changed."""
    shown: Mapping[str, Counts] = {IDENTITY_RECORDS.name: {**RECORDS, **planted}}
    return [drift.describe() for drift in find_metric_drifts(IDENTITY_RECORDS, least, most, show(shown))]
