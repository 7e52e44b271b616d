"""What a consumer process shows of its machinery."""

from typing import Final

import pytest
from hypothesis import given
from prometheus_client import CollectorRegistry, Gauge

from models.catalogue import KINDS
from models.decoding.one_record import Accepted, decode
from models.outcomes import Duplicate, Reason
from monitoring.metrics import ConsumerMetrics, NewestRecords
from onboarding.documents.registries import consumer_registry
from runtime.health import Health
from runtime.health_metrics import show_health
from runtime.registry import new_registry
from tests.doubles.clock import Clock
from tests.models.strategies import Record, records
from tests.monitoring.registries import names, series, total_of, totals_registry

# Every label that a metric may have; the values of each are a closed set or the number of a partition.
LABELS: Final = frozenset(
    {
        "topic",
        "partition",
        "duplicate",
        "reason",
        "le",
        "process",
        "version",
        "python",
        "dependency",
        "kind",
        "why",
        "setting",
    }
    | {dimension for kind in KINDS for dimension in kind.counted}
)


@pytest.mark.parametrize("topic", [kind.topic for kind in KINDS])
def test_every_counter_begins_at_zero(topic: str) -> None:
    """A counter that is born at 1 has risen for nobody: rate() and alerts see its first event only if 0 was shown."""
    registry = new_registry("consumer")
    ConsumerMetrics(registry)
    shown = series(registry)
    for name in ("consumed", "accepted"):
        assert shown[f"onboarding_records_{name}_total", (("topic", topic),)] == 0
    for duplicate in Duplicate:
        assert shown["onboarding_records_duplicate_total", (("duplicate", duplicate), ("topic", topic))] == 0
    for reason in Reason:
        assert shown["onboarding_records_refused_total", (("reason", reason), ("topic", topic))] == 0


def test_what_is_counted_without_labels_begins_at_zero() -> None:
    """The same for faults outside, batches and commits."""
    shown = series(consumer_registry())
    for name in (
        "onboarding_outside_faults_total",
        "onboarding_batch_records_count",
        "onboarding_commit_seconds_count",
    ):
        assert shown[name, ()] == 0


def test_a_partition_shows_nothing_before_it_is_assigned() -> None:
    """A lag of 0 for a partition that this process does not own would say that it is up to date."""
    registry = new_registry("consumer")
    ConsumerMetrics(registry)
    assert not names(registry) & {"onboarding_lag_records", "onboarding_partition_stopped"}


def test_no_counter_has_a_second_series_for_its_birth() -> None:
    """32 reasons on each topic are enough without a `_created` for each."""
    assert not [name for name in names(consumer_registry()) if name.endswith("_created")]


def test_the_newest_record_of_a_source_never_goes_back() -> None:
    """Partitions are read in turn: one that is behind must not make a source look silent."""
    registry = CollectorRegistry()
    newest = NewestRecords(registry)
    for seconds in (200.0, 100.0, 300.0):
        newest.note("t", {"vneid": seconds})
        newest.note("t", {"health": 50.0})
    name = "onboarding_source_newest_timestamp_seconds"
    assert series(registry) == {
        (name, (("source", "vneid"), ("topic", "t"))): 300,
        (name, (("source", "health"), ("topic", "t"))): 50,
    }


def test_a_server_is_down_for_a_process_that_waits_for_it() -> None:
    """Read at each scrape, for each server that it was told of, and for no lock in a server that answers."""
    registry, clock = CollectorRegistry(), Clock()
    health = Health(clock)
    show_health(registry, health, "Kafka", "Postgres")
    for waits_for, kafka, postgres in (
        ("Postgres", 1, 0),
        ("Kafka to confirm its membership", 0, 1),
        ("a lock in Postgres", 1, 1),
    ):
        health.wait_for(waits_for)
        shown = series(registry)
        assert shown["onboarding_dependency_up", (("dependency", "kafka"),)] == kafka
        assert shown["onboarding_dependency_up", (("dependency", "postgres"),)] == postgres
    clock.now += 17
    assert series(registry)["onboarding_standstill_seconds", ()] == 17


@pytest.mark.parametrize("process", ["consumer", "totals"])
def test_a_process_says_what_it_is(process: str) -> None:
    """Whoever looks at a scrape sees which program and version answered."""
    ((labels, value),) = [
        (dict(labels), value)
        for (name, labels), value in series(new_registry(process)).items()
        if name == "onboarding_build_info"
    ]
    assert (labels["process"], value) == (process, 1)
    assert labels["version"]
    assert labels["python"].startswith("3.11.")


def revealed(record: Record, fact: Accepted, *registries: CollectorRegistry) -> set[str]:
    """Return the labels that are none of ours, and the values that tell of an event what it is not counted by."""
    pairs = {pair for registry in registries for _name, labels in series(registry) for pair in labels}
    private = private_texts(record, fact)
    return ({name for name, _value in pairs} - LABELS) | {value for _name, value in pairs if value.lower() in private}


def private_texts(record: Record, fact: Accepted) -> set[str]:
    """Return what an event holds beside what it is counted by; a desk called "01" tells no more than a province."""
    document, kind = record.document, record.kind
    data = [document["data"].get(field) for field in (kind.business_key, *kind.details)]
    texts = {document["subject"], document["id"], document["time"], *filter(None, data)}
    counted = {str(value) for value in fact.content[2 : 2 + len(kind.counted)]}
    return {text.lower() for text in texts - counted - OURS} | {str(fact.key), str(fact.event_id)}


# The values of labels that both processes show before any event.
OURS: Final = frozenset(
    value
    for process in (consumer_registry(), totals_registry({}))
    for _name, labels in series(process)
    for _label, value in labels
)


@pytest.mark.slow
@given(record=records())
def test_no_label_holds_anything_of_a_citizen_or_an_event(record: Record) -> None:
    """Prometheus keeps labels for months and shows them to everyone: only what is counted by may be one."""
    fact = accept(record)
    totals = totals_registry({record.kind.name: total_of([fact], record.appended_at)})
    assert revealed(record, fact, totals, consumer_registry()) == set()


@given(record=records())
def test_a_label_that_tells_of_a_citizen_is_found(record: Record) -> None:
    """The check above fires for a label of the wrong name, and for a right name with a wrong value."""
    fact, registry = accept(record), CollectorRegistry()
    Gauge("planted_name", "Planted.", ["subject"], registry=registry).labels("")
    Gauge("planted_value", "Planted.", ["source"], registry=registry).labels(record.document["subject"])
    assert revealed(record, fact, registry) == {"subject", record.document["subject"]}


def accept(record: Record) -> Accepted:
    """Return the fact that a record of a valid event is."""
    fact = decode(record.kind.topic, record.key, *record.structured(), record.appended_at)
    assert isinstance(fact, Accepted), fact
    return fact
