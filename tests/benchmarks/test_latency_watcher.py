"""Who reads /metrics again and again: which totals it sees, how often it looks, and when it stops."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from prometheus_client import CollectorRegistry, generate_latest

from benchmarks.latency.watcher import Reading, Totals, parse_totals, watch
from benchmarks.stage.traffic import TRAFFIC_KINDS
from models.tally import Total
from monitoring.totals import TotalsCollector

DAY = date(2024, 1, 1)
NOW = datetime(2024, 1, 1, tzinfo=UTC)


def show(facts: dict[str, int]) -> bytes:
    """Return the page that the product shows with so many facts of each kind."""
    totals = {
        name: Total({"all": {"": number}, "source": {"urn:x": number}}, {DAY: number}, NOW)
        for name, number in facts.items()
    }
    registry = CollectorRegistry()
    registry.register(TotalsCollector(lambda: totals, lambda: NOW))
    return generate_latest(registry)


def test_the_totals_of_the_product_s_page_are_read() -> None:
    """In the order of the catalogue, large ones too, and no marginal in their place."""
    facts = {kind.name: number for kind, number in zip(TRAFFIC_KINDS, (153_190_000, 2, 0), strict=True)}
    assert parse_totals(show(facts)) == (153_190_000, 2, 0)


def test_a_page_that_lacks_a_total_has_none() -> None:
    """A worker that takes over shows them one by one; a standby shows none."""
    assert parse_totals(show({TRAFFIC_KINDS[0].name: 1})) == ()
    assert parse_totals(show({})) == ()
    assert parse_totals(b"") == ()


class Page:
    """A double of the page and of the clock: what it shows at each reading, and how long that takes."""

    def __init__(self, shown: Sequence[Totals], seconds: float = 0.001) -> None:
        self.now = 0.0
        self._shown = list(shown)
        self._seconds = seconds
        self.told: Totals | None = None

    def read(self) -> Reading:
        """Read, the last totals for ever."""
        asked_at = self.now
        self.now += self._seconds
        return Reading(asked_at, self.now, self._shown.pop(0) if len(self._shown) > 1 else self._shown[0])

    def listen(self, seconds: float) -> Totals | None:
        """Let the time pass, and hear what there is to wait for."""
        self.now += seconds
        return self.told


def test_readings_begin_at_even_distances() -> None:
    """A quick reading is followed by a pause, one that takes longer than that by the next one at once."""
    quick, slow = Page([(0, 0, 0)] * 9 + [(1, 0, 0)]), Page([(0, 0, 0)] * 9 + [(1, 0, 0)], seconds=0.05)
    for page, distance in ((quick, 0.02), (slow, 0.05)):
        page.told = (1, 0, 0)
        readings = watch(page.read, page.listen, pause_seconds=0.02)
        assert [round(reading.asked_at, 6) for reading in readings] == [round(n * distance, 6) for n in range(10)]


def test_it_ends_with_the_totals_that_it_was_told_to_wait_for() -> None:
    """Not before: until it is told, nothing is the end."""
    page = Page([(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 1, 1), (2, 2, 2)])
    heard: list[Totals | None] = [None, None, (2, 1, 1)]
    readings = watch(page.read, lambda _: heard.pop(0) if heard else None, pause_seconds=0.02)
    assert [reading.totals for reading in readings] == [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 1, 1)]


def test_it_ends_when_what_it_waits_for_does_not_come() -> None:
    """A minute without a change, and whoever waits is told what is shown instead."""
    page = Page([(1, 1, 1)])
    page.told = (2, 2, 2)
    readings = watch(page.read, page.listen, pause_seconds=1.0)
    assert readings[-1].totals == (1, 1, 1)
    assert 60 < page.now < 63
