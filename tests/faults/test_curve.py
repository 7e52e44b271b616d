"""The curve measures outages and recoveries lane by lane, and catches totals that dip or are shown twice."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping

import pytest
from aiohttp import web

from tests.faults.contract import KINDS, LANES, PORTALS, Lane, partition_of
from tests.faults.curve import Curve, watch
from tests.faults.exposition import parse, write_series

LOGINS = KINDS[2]
FIRST, SECOND = Lane(LOGINS.topic, 0), Lane(LOGINS.topic, 1)
PORTAL_OF = {Lane(LOGINS.topic, partition_of(portal)): portal for portal in PORTALS}
TICK = 0.05


def page(facts: Mapping[Lane, int]) -> dict[str, float]:
    """Return the samples of a worker that shows so many logins of each lane, and no other kind's."""
    name = LOGINS.metric_by("portal")
    lanes = {write_series(name, "portal", PORTAL_OF[lane]): float(count) for lane, count in facts.items()}
    return {LOGINS.metric: float(sum(facts.values())), **lanes}


class Run:
    """A made-up run: every lane gets a fact each 0.1 s, and a worker shows it at the next look unless told not to."""

    def __init__(self) -> None:
        self.facts = Counter(dict.fromkeys((FIRST, SECOND), 0))
        self.curve = Curve(self.facts)
        self.shown = Counter(self.facts)
        self.now = 0.0

    def go_on(self, seconds: float, *, stuck: tuple[Lane, ...] = (), silent: bool = False) -> None:
        """Let time pass while some lanes are not recorded, or no worker answers."""
        for _ in range(round(seconds / 0.1)):
            self.now = round(self.now + 0.1, 3)
            self.shown |= {lane: count for lane, count in self.facts.items() if lane not in stuck}
            if not silent:
                self.curve.note(1, self.now - 0.01, self.now, page(self.shown))
            self.facts.update((FIRST, SECOND))
            self.curve.tick(self.now)


def test_steady_traffic_has_no_outage() -> None:
    """The measure must be near nothing when nothing is wrong: here a fact is shown 0.1 s after it was acknowledged."""
    run = Run()
    run.go_on(20)
    assert run.curve.outage(5, 20) == pytest.approx(0.1)
    assert run.curve.recovered_after(15) == pytest.approx(0.2)
    assert run.curve.staleness(18.55) == pytest.approx(0.05)


def test_an_outage_of_one_lane_is_seen_while_the_total_rises() -> None:
    """A killed consumer stops its own partitions only: a total alone would hide that."""
    run = Run()
    run.go_on(20)
    run.go_on(7, stuck=(FIRST,))
    assert run.curve.recovered_after(20) is None
    assert run.curve.staleness(27) == pytest.approx(7)
    run.go_on(5)
    assert run.curve.outage(20, 32) == pytest.approx(7.1)
    assert run.curve.recovered_after(20) == pytest.approx(7.1)


def test_an_outage_without_any_worker_is_seen() -> None:
    """Between two stream workers nothing is shown, whether or not facts arrive."""
    run = Run()
    run.go_on(20)
    run.go_on(4, silent=True)
    assert run.curve.recovered_after(20) is None
    run.go_on(2)
    assert run.curve.recovered_after(20) == pytest.approx(4.1)
    assert run.curve.outage(20, 26) == pytest.approx(4.1)


def test_facts_shown_before_their_acknowledgement_are_no_recovery() -> None:
    """A broker that is killed may have stored what it could not acknowledge: a lane has moved when new facts come."""
    run = Run()
    run.go_on(20)
    ahead = Counter(run.facts) + Counter((FIRST,))
    run.curve.note(1, 20.01, 20.02, page(ahead))
    for moment in (20.1, 24.0):
        run.facts.update((SECOND,))
        run.curve.tick(moment)
        ahead.update((SECOND,))
        run.curve.note(1, moment, moment + TICK, page(ahead))
    assert run.curve.recovered_after(20) is None
    run.facts.update((FIRST, FIRST))
    run.curve.tick(25.0)
    run.curve.note(1, 25.0, 25.1, page(Counter(run.facts)))
    assert run.curve.recovered_after(20) == pytest.approx(5.1)


def test_a_lane_at_rest_does_not_hold_up_a_recovery() -> None:
    """A nearly idle partition may get its next fact minutes later."""
    run = Run()
    run.facts[Lane(LOGINS.topic, 2)] = 1
    run.shown[Lane(LOGINS.topic, 2)] = 1
    run.go_on(20)
    assert run.curve.recovered_after(15) == pytest.approx(0.2)


def test_a_dip_is_caught_in_a_total_and_in_a_marginal() -> None:
    """No number that anyone can see ever goes down, also from one worker to the next."""
    run = Run()
    run.go_on(1)
    assert run.curve.dips() == []
    run.curve.note(2, 1.1, 1.2, page({FIRST: run.shown[FIRST] + 5, SECOND: run.shown[SECOND] - 1}))
    (dip,) = run.curve.dips()
    series = write_series(LOGINS.metric_by("portal"), "portal", PORTAL_OF[SECOND])
    assert (dip.series, dip.before, dip.shown) == (series, 9, 8)
    run.curve.note(2, 1.2, 1.3, page({FIRST: 0, SECOND: 0}))
    assert LOGINS.metric in {found.series for found in run.curve.dips()}


def test_an_answer_that_was_under_way_is_no_dip() -> None:
    """A slow answer says what was true when it was asked for, not when it came."""
    curve = Curve({})
    curve.note(1, 1.00, 1.01, page({FIRST: 10}))
    curve.note(1, 1.05, 1.06, page({FIRST: 11}))
    curve.note(2, 1.02, 1.30, page({FIRST: 10}))
    assert curve.dips() == []


def test_totals_shown_by_two_workers_at_once_are_caught() -> None:
    """A frozen worker that wakes up and shows what it has would be counted twice by a sum over workers."""
    curve = Curve({})
    for number in range(20):
        curve.note(1, number * TICK, number * TICK + 0.01, page({FIRST: 10}))
    curve.note(2, 0.52, 0.53, page({FIRST: 10}))
    assert curve.doubles() == [0.53]


def test_a_hand_over_is_no_double() -> None:
    """One worker's last answer and another's first may lie close together."""
    curve = Curve({})
    for number in range(40):
        worker = 1 if number < 20 else 2
        curve.note(worker, number * TICK, number * TICK + 0.01, page({FIRST: 10}))
        curve.note(3 - worker, number * TICK, number * TICK + 0.01, {})
    assert curve.doubles() == []


def test_a_slow_answer_from_before_a_hand_over_is_no_double() -> None:
    """Only what is certain counts: this one was true at some instant before the other worker began."""
    curve = Curve({})
    for number in range(10, 30):
        curve.note(2, number * TICK, number * TICK + 0.01, page({FIRST: 10}))
    curve.note(1, 0.2, 0.9, page({FIRST: 10}))
    assert curve.doubles() == []


def test_every_lane_can_be_told_from_a_page() -> None:
    """A lane without a series of its own would seem to be stuck, or hide that it is."""
    curve = Curve({})
    series = {kind.metric: 0.0 for kind in KINDS}
    for kind in KINDS:
        for value in PORTALS if kind is LOGINS else ("01", "02", "04", "06", "08", "10", "11", "12"):
            series[write_series(kind.metric_by(kind.lane_dimension), kind.lane_dimension, value)] = 1.0
    curve.note(1, 0.0, 0.1, series)
    facts = dict.fromkeys(LANES, 1)
    whole = Curve(facts)
    whole.tick(0.0)
    assert whole.staleness(5.0) == 5.0
    whole.note(1, 1.0, 1.1, series)
    assert whole.staleness(5.0) == 0.0


def test_a_page_is_read_as_it_is_written() -> None:
    """The parser is the checker's own, and reads what the product's exporter writes."""
    text = '# HELP onboarding_x_total y\nonboarding_x_total 12.0\nonboarding_x_by_y_total{y="a:b"} 1e+06\nup 1.0\n'
    assert parse(text) == {"onboarding_x_total": 12.0, 'onboarding_x_by_y_total{y="a:b"}': 1e6}


async def test_watching_reads_the_workers_that_there_are() -> None:
    """Workers come and go on ports of their own; one that is not there holds nobody up."""
    curve, until = Curve({FIRST: 3}), asyncio.Event()
    answered = asyncio.Event()

    async def show(_request: web.Request) -> web.Response:
        answered.set()
        text = f"{LOGINS.metric} 3.0\n{write_series(LOGINS.metric_by('portal'), 'portal', PORTAL_OF[FIRST])} 3.0\n"
        return web.Response(text=text)

    application = web.Application()
    application.router.add_get("/metrics", show)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    began_at = time.monotonic()
    watching = asyncio.create_task(watch(lambda: (runner.addresses[0][1], 1), curve, until))
    await asyncio.wait_for(answered.wait(), 30)
    while curve.recovered_after(began_at) is None:
        assert time.monotonic() < began_at + 30
        await asyncio.sleep(TICK)
    until.set()
    await watching
    await runner.cleanup()
    assert curve.staleness(time.monotonic()) == 0.0
