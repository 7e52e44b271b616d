"""Registries as the processes have them, every series present, filled by the real classes from real events."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from prometheus_client import CollectorRegistry

from models.catalogue import KINDS, Kind
from models.decoding.modes import STRUCTURED
from models.decoding.one_record import Accepted, decode
from models.tally import Total
from monitoring.freshness import FreshnessCollector
from monitoring.totals import TotalsCollector
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, EXAMPLE_SUBJECT, example_of
from runtime.health import Health
from runtime.health_metrics import show_health
from runtime.registry import new_registry
from tests.models.strategies import count_facts

NOON: Final = datetime(2024, 6, 10, 5, 0, tzinfo=UTC)  # 12:00 in Vietnam, on the day of the examples


def totals_registry(totals: Mapping[str, Total], now: datetime = NOON) -> CollectorRegistry:
    """Return the registry of a stream worker that shows these totals at this moment."""
    registry = new_registry("totals")
    show_health(registry, Health(), "Kafka")
    registry.register(TotalsCollector(lambda: totals, lambda: now))
    registry.register(FreshnessCollector(lambda: dict.fromkeys(totals, 0.0), dict, lambda: now))
    return registry


def example_totals() -> dict[str, Total]:
    """Return the totals after one event of each kind."""
    return {kind.name: total_of([example_fact(kind)], EXAMPLE_APPENDED_AT) for kind in KINDS}


def total_of(facts: Sequence[Accepted], newest_at: datetime | None) -> Total:
    """Return the total of facts of one kind."""
    total = Total({}, {}, newest_at)
    for cell, number in count_facts(facts).items():
        values = total.totals.setdefault(cell.dimension, {})
        values[cell.value] = values.get(cell.value, 0) + number
        if cell.dimension == "all":
            total.days[cell.day] = total.days.get(cell.day, 0) + number
    return total


def example_fact(kind: Kind, **attributes: Any) -> Accepted:
    """Return the fact of the example event of a kind, with some attributes of the envelope replaced."""
    value = json.dumps(example_of(kind) | attributes).encode()
    headers = [("content-type", STRUCTURED.encode())]
    fact = decode(kind.topic, EXAMPLE_SUBJECT.encode(), value, headers, EXAMPLE_APPENDED_AT)
    assert isinstance(fact, Accepted), fact
    return fact


def series(registry: CollectorRegistry) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return the value of every series by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in registry.collect()
        for sample in family.samples
    }


def names(registry: CollectorRegistry) -> set[str]:
    """Return the names of all series."""
    return {name for name, _labels in series(registry)}
