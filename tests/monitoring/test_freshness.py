"""A total that is not known to be current is marked, with the moment that it is of."""

from datetime import UTC, datetime
from math import inf

import pytest
from prometheus_client import CollectorRegistry

from monitoring.freshness import CURRENT_SECONDS_MAX, FreshnessCollector

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _scrape(age: float, **passed_over: int) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(FreshnessCollector(lambda: {"logins": age}, lambda: passed_over, lambda: NOW))
    return registry


@pytest.mark.parametrize(
    ("age", "current"), [(0.0, 1), (CURRENT_SECONDS_MAX, 1), (CURRENT_SECONDS_MAX + 0.1, 0), (inf, 0)]
)
def test_no_part_of_a_current_total_is_older_than_fifteen_seconds(age: float, current: int) -> None:
    """The mark changes where it is said to."""
    assert _scrape(age).get_sample_value("onboarding_total_current", {"kind": "logins"}) == current


def test_a_mark_says_of_when_the_total_is() -> None:
    """The moment at which its oldest part was announced; nothing where nobody knows."""
    name = "onboarding_total_as_of_timestamp_seconds"
    assert _scrape(20.0).get_sample_value(name, {"kind": "logins"}) == NOW.timestamp() - 20
    assert _scrape(inf).get_sample_value(name, {"kind": "logins"}) is None


def test_pages_that_are_not_shown_are_counted_from_the_start() -> None:
    """A first stranger is a rise, and not a birth."""
    registry = _scrape(0.0, stranger=3)
    found = {
        why: registry.get_sample_value("onboarding_pages_passed_over_total", {"why": why})
        for why in ("stranger", "older")
    }
    assert found == {"stranger": 3, "older": 0}
