"""The totals as Prometheus scrapes them: names, types, values, and nothing from who may not show any."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS, Kind
from models.tally import Total
from monitoring.totals import TotalsCollector
from tests.models.strategies import facts
from tests.monitoring.registries import NOON, example_totals, names, series, total_of, totals_registry

TODAY: Final = date(2024, 6, 10)


def whole(number: int, days: dict[date, int] | None = None, newest_at: datetime | None = None) -> Total:
    """Return a total of `number` facts, all with one value of each dimension left out."""
    return Total({"all": {"": number}}, days or {}, newest_at)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_shows_its_total_its_parts_today_and_its_age(kind: Kind) -> None:
    """Names and types are what dashboards, alerts and `recount` rest on; all follow from the catalogue."""
    collector = TotalsCollector(lambda: {kind.name: example_totals()[kind.name]}, lambda: NOON)
    shown = {family.name: (family.type, [sample.name for sample in family.samples]) for family in collector.collect()}
    counters = [kind.metric, *map(kind.metric_by, kind.counted)]
    gauges = [f"onboarding_{kind.name}_today", f"onboarding_{kind.name}_newest_timestamp_seconds"]
    assert shown == {
        **{name.removesuffix("_total"): ("counter", [name]) for name in counters},
        **{name: ("gauge", [name]) for name in gauges},
    }


def test_the_three_totals_have_the_names_that_were_promised() -> None:
    """Names in the catalogue may not drift: others have put them in their dashboards."""
    assert {
        "onboarding_identity_records_received_total",
        "onboarding_accounts_activated_total",
        "onboarding_portal_logins_total",
        "onboarding_portal_logins_today",
        "onboarding_identity_records_received_by_province_total",
        "onboarding_accounts_activated_by_level_total",
    } <= names(totals_registry(example_totals()))


def test_each_family_carries_the_definition_of_its_number() -> None:
    """A number without its definition gets another one in every newspaper."""
    collector = TotalsCollector(example_totals, lambda: NOON)
    helps = {family.name: family.documentation for family in collector.collect()}
    for kind in KINDS:
        assert helps[kind.metric.removesuffix("_total")] == kind.definition


def test_the_total_has_no_label_and_every_digit() -> None:
    """75,160,000 is shown as itself."""
    shown = series(totals_registry({IDENTITY_RECORDS.name: whole(75_160_000)}))
    assert shown[IDENTITY_RECORDS.metric, ()] == 75_160_000


@pytest.mark.slow
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_the_parts_of_every_dimension_add_up_to_the_total(data: st.DataObject, kind: Kind) -> None:
    """Each dimension divides the same facts, so that sum() over one of them is the total and never twice it."""
    drawn = data.draw(st.lists(facts(st.just(kind)), max_size=20))
    shown = series(totals_registry({kind.name: total_of(drawn, None)}))
    assert shown[kind.metric, ()] == len(drawn)
    for dimension in kind.counted:
        parts = {labels: value for (name, labels), value in shown.items() if name == kind.metric_by(dimension)}
        assert sum(parts.values()) == len(drawn)
        assert all([label for label, _value in labels] == [dimension] for labels in parts)


@pytest.mark.parametrize(
    ("now", "logins"),
    [
        pytest.param(datetime(2024, 6, 9, 16, 59, 59, 999_999, tzinfo=UTC), 7, id="just before midnight: yesterday's"),
        pytest.param(datetime(2024, 6, 9, 17, 0, tzinfo=UTC), 150, id="midnight in Vietnam: the new day's"),
        pytest.param(datetime(2024, 6, 10, 0, 0, tzinfo=UTC), 150, id="midnight in Greenwich: no change"),
        pytest.param(datetime(2024, 6, 10, 16, 59, 59, tzinfo=UTC), 150, id="the last second"),
        pytest.param(datetime(2024, 6, 10, 17, 0, tzinfo=UTC), 0, id="the next midnight: nothing yet"),
    ],
)
def test_today_is_the_clocks_day_in_vietnam_at_the_scrape(now: datetime, logins: int) -> None:
    """Nothing arrives at night, so the clock and not an event must turn the page."""
    days = {TODAY - timedelta(days=1): 7, TODAY: 150}
    shown = series(totals_registry({LOGINS.name: whole(157, days)}, now))
    assert shown["onboarding_portal_logins_today", ()] == logins
    assert shown[LOGINS.metric, ()] == 157


def test_one_collector_asks_the_clock_and_the_totals_at_each_scrape() -> None:
    """What was true at the start of the process is not what is shown."""
    moments = iter([NOON, NOON + timedelta(days=1)])
    totals = iter([{LOGINS.name: whole(1, {TODAY: 1})}, {LOGINS.name: whole(2, {TODAY: 1, date(2024, 6, 11): 1})}])
    collector = TotalsCollector(lambda: next(totals), lambda: next(moments))
    assert [next(iter(collector.collect())).samples[0].value for _scrape in range(2)] == [1, 2]


def test_a_standby_shows_nothing() -> None:
    """Two workers with totals would be added up by somebody."""
    machinery = {"onboarding_build_info", "onboarding_dependency_up", "onboarding_standstill_seconds"}
    machinery.add("onboarding_pages_passed_over_total")
    assert {name for name in names(totals_registry({})) if name.startswith("onboarding_")} == machinery


def test_an_incomplete_total_is_absent_and_the_others_are_not() -> None:
    """A partial total is a wrong one; the kinds do not wait for each other."""
    totals = example_totals()
    del totals[ACCOUNTS.name]
    shown = names(totals_registry(totals))
    assert not [name for name in shown if "accounts_activated" in name]
    assert {IDENTITY_RECORDS.metric, LOGINS.metric} <= shown
    assert "onboarding_activation_ratio" not in shown


def test_a_total_of_nothing_is_shown_as_zero_without_an_age() -> None:
    """That nothing was counted yet is known; how old the newest record is, is not."""
    shown = series(totals_registry({kind.name: whole(0) for kind in KINDS}))
    for kind in KINDS:
        assert shown[kind.metric, ()] == 0
        assert (f"onboarding_{kind.name}_newest_timestamp_seconds", ()) not in shown
    assert ("onboarding_activation_ratio", ()) not in shown


def test_the_activation_rate_is_the_published_one() -> None:
    """71.7 % of 75.16 million records, as on 10 June 2024."""
    totals = {IDENTITY_RECORDS.name: whole(75_160_000), ACCOUNTS.name: whole(53_880_000)}
    assert series(totals_registry(totals))["onboarding_activation_ratio", ()] == pytest.approx(0.717, abs=0.0005)


def test_the_age_is_told_by_the_brokers_append_time_in_seconds() -> None:
    """Freshness is computed where it is asked for, so that it grows while nothing is scraped anew."""
    shown = series(totals_registry({LOGINS.name: whole(1, newest_at=NOON)}))
    assert shown["onboarding_portal_logins_newest_timestamp_seconds", ()] == NOON.timestamp()
