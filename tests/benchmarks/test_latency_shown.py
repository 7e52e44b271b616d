"""When an event counts as shown, and from when its latency counts."""

from array import array
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.latency.publisher import Sent
from benchmarks.latency.shown import count_sent, find_intervals, find_latencies, find_lateness, record
from benchmarks.latency.watcher import Reading


def make_sent(*events: tuple[int, float, float]) -> Sent:
    """Return what was sent: the place of each event's kind, when it was due and when it was handed over."""
    places, due_at, handed_at = zip(*events, strict=True)
    return Sent(bytes(places), array("d", due_at), array("d", handed_at))


def test_an_event_is_shown_when_the_total_of_its_kind_includes_it() -> None:
    """Each kind has its own total: that of another one shows nothing of it."""
    sent = make_sent((0, 10.0, 10.0), (1, 10.0, 10.0))
    readings = [Reading(10.5, 11.0, (0, 1, 0)), Reading(12.5, 13.0, (1, 1, 0))]
    assert list(find_latencies(sent, readings, 0.0)) == [3.0, 1.0]


def test_what_the_publisher_was_late_belongs_to_the_latency() -> None:
    """Or else a publisher that stalls with the system would hide the stall: coordinated omission."""
    sent = make_sent((0, 10.0, 14.0))
    assert list(find_latencies(sent, [Reading(14.5, 15.0, (1, 0, 0))], 0.0)) == [5.0]
    assert list(find_lateness(sent, 0.0)) == [4.0]


def test_the_warm_up_does_not_count() -> None:
    """An event due before the moment from which on it counts is only passed over."""
    sent = make_sent((0, 10.0, 10.0), (0, 20.0, 20.0))
    readings = [Reading(18.5, 19.0, (1, 0, 0)), Reading(20.5, 21.0, (2, 0, 0))]
    assert list(find_latencies(sent, readings, counts_from=20.0)) == [1.0]
    assert list(find_lateness(sent, counts_from=20.0)) == [0.0]


@pytest.mark.parametrize("shown", [0, 2])
def test_totals_that_are_not_what_was_sent_give_no_figures(shown: int) -> None:
    """An event that is lost, and one that is counted twice, would move the latency of every later one."""
    with pytest.raises(ValueError, match="zip"):
        list(find_latencies(make_sent((0, 10.0, 10.0)), [Reading(10.5, 11.0, (shown, 0, 0))], 0.0))


def test_a_page_without_totals_shows_nothing() -> None:
    """While no worker shows totals, events wait, and what was shown before is not forgotten."""
    sent = make_sent((0, 10.0, 10.0), (0, 10.0, 10.0))
    readings = [Reading(10.5, 11.0, (1, 0, 0)), Reading(11.5, 12.0, ()), Reading(12.5, 13.0, (2, 0, 0))]
    assert list(find_latencies(sent, readings, 0.0)) == [1.0, 3.0]


@settings(deadline=None)  # timing never decides a test
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1))
def test_the_mean_is_that_of_the_events_however_they_overtake_each_other(events: list[tuple[float, float]]) -> None:
    """The rule may give an event the moment of another one, but takes every moment once."""
    sent = make_sent(*((0, due, due) for due in sorted(due for due, _ in events)))
    shown_at = sorted(due + latency for due, latency in events)
    readings = [Reading(moment, moment, (number, 0, 0)) for number, moment in enumerate(shown_at, 1)]
    own = fmean(latency for _, latency in events)
    found = list(find_latencies(sent, readings, 0.0))
    assert fmean(found) == pytest.approx(own, abs=1e-9)
    assert min(found) >= -1e-9


@settings(deadline=None)  # timing never decides a test
@given(st.lists(st.floats(0, 10), min_size=1), st.data())
def test_who_looks_less_often_never_sees_less_latency(gaps: list[float], data: st.DataObject) -> None:
    """A pause between readings can only add to what is measured, for every event."""
    moments = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    sent = make_sent(*((0, 0.0, 0.0) for _ in moments))
    often = [Reading(moment, moment, (number, 0, 0)) for number, moment in enumerate(moments, 1)]
    left_out = data.draw(st.sets(st.integers(0, len(often) - 1)))
    seldom = [reading for number, reading in enumerate(often[:-1]) if number not in left_out]
    pairs = zip(
        find_latencies(sent, [*seldom, often[-1]], 0.0),
        find_latencies(sent, often, 0.0),
        strict=True,
    )
    assert all(by_seldom >= by_often for by_seldom, by_often in pairs)


def test_intervals_between_readings_are_told() -> None:
    """How often it was looked belongs to every figure; only looks that count do."""
    readings = [Reading(0.0, moment, ()) for moment in (1.0, 5.0, 6.0, 8.0)]
    assert list(find_intervals(readings, counts_from=5.0)) == [1.0, 2.0]


def test_durations_are_recorded_in_microseconds_to_three_digits() -> None:
    """Also those that its range does not reach: none is left out."""
    histogram = record([0.0, 0.123456, 10_000.0])
    assert histogram.get_total_count() == 3
    assert histogram.get_min_value() == 1
    assert histogram.get_value_at_percentile(50) == pytest.approx(123_456, rel=0.001)
    assert histogram.get_max_value() == pytest.approx(600_000_000, rel=0.001)


def test_what_was_sent_is_counted_by_kind() -> None:
    """The totals that are waited for come in the order of the catalogue."""
    assert count_sent(make_sent((2, 0.0, 0.0), (0, 0.0, 0.0), (2, 0.0, 0.0))) == (1, 0, 2)
