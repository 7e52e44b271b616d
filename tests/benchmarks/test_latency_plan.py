"""What a latency measurement publishes, and when."""

from collections import Counter
from itertools import pairwise
from statistics import fmean, pstdev

import pytest

from benchmarks.latency.plan import Plan, place_of
from benchmarks.stage.traffic import TRAFFIC_KINDS
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from upstream.simulation.figures import figures

PLAN = Plan(rate=1_000, warm_up_seconds=1.5, seconds=4)


def test_the_schedule_holds_as_many_events_as_the_rate_says() -> None:
    """In the warm-up and in what is measured, each within its own seconds, in order."""
    moments = PLAN.make_moments()
    assert len(moments) == PLAN.all_events == 5_500
    assert sum(moment < PLAN.warm_up_seconds for moment in moments) == PLAN.warm_up_events == 1_500
    assert list(moments) == sorted(moments)
    assert 0 <= moments[0] <= moments[-1] <= 5.5


def test_the_schedule_is_the_same_every_time_and_in_step_with_nothing() -> None:
    """It can be repeated, and its gaps spread as those of a Poisson process, whose deviation is their mean."""
    moments = PLAN.make_moments()
    assert moments == PLAN.make_moments()
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert pstdev(gaps) == pytest.approx(fmean(gaps), rel=0.1)


def test_every_part_has_the_kinds_in_the_nation_s_proportion() -> None:
    """No hour without records: every partition is busy all the time. No event comes twice."""
    reported: list[int] = []
    events = list(PLAN.make_events(reported.append))
    nation = figures(1)
    part = Counter(event.topic for event in events[2_000:4_000])
    for kind in TRAFFIC_KINDS:
        assert part[kind.topic] / 2_000 == pytest.approx(nation[kind.name] / sum(nation.values()), abs=0.05)
    assert len({event.value for event in events}) == len(events) == PLAN.all_events
    assert reported


def test_a_record_s_kind_is_told_by_its_place_in_the_catalogue() -> None:
    """The totals are read in the same order."""
    places = {event.topic: place_of(event) for event in PLAN.make_events(lambda _: None)}
    assert [places[kind.topic] for kind in (IDENTITY_RECORDS, ACCOUNTS, LOGINS)] == [0, 1, 2]
