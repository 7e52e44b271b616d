"""The traffic is repeatable, keeps the contract where it means to, and breaks it in ways that the contract names."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.faults import contract
from tests.faults.contract import KIND_BY_TOPIC, KINDS, LANES, PARTITIONS, Kind, day_of, partition_of, place_of
from tests.faults.expectation import Expectation
from tests.faults.kafka_log import Visible
from tests.faults.operation_log import OperationLog, read_log
from tests.faults.record import Record, read
from tests.faults.traffic import QUIET, Traffic

pytestmark = pytest.mark.slow  # 20,000 records a seed

DOCS: Final = Path(__file__).parents[2] / "docs"
NOON: Final = datetime(2026, 3, 1, 5, tzinfo=UTC)
RECORDS: Final = 20_000


@cache
def made(seed: int = 1) -> tuple[Record, ...]:
    """Return the traffic of a seed, a millisecond between two records."""
    traffic = Traffic(seed)
    return tuple(traffic.make(NOON + timedelta(milliseconds=number)) for number in range(RECORDS))


@cache
def expectations() -> tuple[Expectation, ...]:
    """Return the fold of the traffic, lane by lane, as if Kafka had taken it in order."""
    reasons = {record.digest: record.reason for record in made() if record.reason}
    found = {lane: Expectation(lane, reasons) for lane in LANES}
    for offset, record in enumerate(made()):
        found[record.lane].take(Visible(offset, 0, record.key, record.value, record.headers))
    return tuple(found.values())


def test_the_same_seed_gives_the_same_traffic() -> None:
    """A run that failed must be repeatable."""
    again, other = Traffic(1), Traffic(2)
    assert [again.make(NOON + timedelta(milliseconds=number)) for number in range(100)] == list(made()[:100])
    assert other.make(NOON) != made()[0]


def test_every_sort_of_record_comes_as_often_as_it_should() -> None:
    """A sort that never came would never be tested."""
    kinds = Counter(kind for found in expectations() for kind in found.duplicates.values())
    refused = sum(len(found.refusals) for found in expectations())
    late = sum((NOON - fact.content[1]).days > 0 for found in expectations() for fact in found.facts.values())
    shares = {"retry": kinds["retry"], "repeat": kinds["repeat"], "conflict": kinds["conflict"], "refused": refused}
    assert {name: round(count / RECORDS, 3) for name, count in shares.items()} == {
        "retry": pytest.approx(0.02, abs=0.005),
        "repeat": pytest.approx(0.01, abs=0.004),
        "conflict": pytest.approx(0.005, abs=0.003),
        "refused": pytest.approx(0.01, abs=0.004),
    }
    assert late / RECORDS == pytest.approx(0.05, abs=0.01)
    assert sum(bool(record.headers) for record in made()) > RECORDS / 20


def test_each_fact_is_announced_by_one_record() -> None:
    """The operation log counts the records that are marked as facts: as many as distinct business keys."""
    assert sum(record.fact for record in made()) == sum(len(found.facts) for found in expectations())


def test_the_lane_dimension_tells_the_partition() -> None:
    """The curve reads from a shown province or portal how far a partition is shown; conflicts included."""
    for record in made():
        if not record.reason:
            kind, event = KIND_BY_TOPIC[record.lane.topic], read(record.value or b"", record.headers)
            place = event["data"][kind.lane_dimension]
            assert partition_of(place) == record.lane.partition


def test_one_lane_gets_very_little() -> None:
    """The page of a partition that is nearly idle must be shown all the same."""
    records = Counter(record.lane for record in made())
    assert set(records) == set(LANES)
    assert records[QUIET] < min(count for lane, count in records.items() if lane != QUIET) / 10


def test_valid_records_keep_the_published_schemas() -> None:
    """The checker takes whatever is not marked as malformed for valid: so it must be."""
    validators = {kind.topic: _validator(kind) for kind in KINDS}
    for record in made()[::10]:
        if not record.reason:
            event = read(record.value or b"", record.headers)
            validators[record.lane.topic].validate(event)
            assert record.key == event["subject"].encode()
            assert "province" not in event["data"] or place_of(event["data"]["province"], _day(event))


def test_malformed_records_have_reasons_of_the_contract() -> None:
    """Many ways to be wrong, each with a reason that is documented, and no two malformed records the same."""
    named = set(re.findall(r"^\| `(\w+)` \| ", _section("Reasons of refusal"), re.MULTILINE))
    malformed = [record for record in made() if record.reason]
    reasons = {record.reason for record in malformed}
    assert reasons < named
    assert len(reasons) > 15
    assert len({record.digest for record in malformed}) == len(malformed)


def test_a_storm_sends_facts_more_than_once_and_out_of_order() -> None:
    """Retries may overtake what they repeat."""
    storm = Traffic(3).make_storm(100, NOON)
    facts = [record for record in storm if record.fact]
    assert len(facts) == 50
    assert 100 <= len(storm) <= 150
    first: dict[bytes | None, Record] = {}
    for record in storm:
        first.setdefault(record.key, record)
    assert any(not record.fact for record in first.values())


def test_the_contract_is_the_documented_one() -> None:
    """The checker's own constants are those of the documents that upstream systems are given."""
    channels = yaml.safe_load((DOCS / "asyncapi.yaml").read_text())["channels"]
    for kind in KINDS:
        channel = channels[kind.name]
        assert channel["address"] == kind.topic
        assert channel["bindings"]["kafka"]["partitions"] == PARTITIONS
        assert f"| `{kind.business_key}` | `{'`, `'.join(kind.counted)}` |" in _section("Kinds")
        assert all(f"`{kind.metric_by(name)}`" in _section("Totals") for name in kind.counted)
    assert channels["refused"]["address"] == contract.REFUSED_TOPIC


def test_the_registers_are_the_documented_ones() -> None:
    """Sources, portals, channels and provinces are closed: a value of our own would be refused."""
    record, account, login, _, reversal, *_, expiry = (_schema(kind)["properties"] for kind in KINDS)
    assert record["source"]["enum"] == list(contract.SOURCES)
    assert login["data"]["properties"]["portal"]["enum"] == list(contract.PORTALS)
    assert record["data"]["properties"]["channel"]["enum"] == list(contract.CHANNELS)
    assert account["data"]["properties"]["province"]["enum"] == list(contract.PROVINCES)
    assert reversal["data"]["properties"]["cause"]["enum"] == list(contract.CAUSES)
    assert expiry["data"]["properties"]["state_before"]["enum"] == list(contract.STATES_BEFORE)


def test_the_places_are_the_documented_ones() -> None:
    """Which province has a code on which day is read off the table of the reference."""
    rows = re.findall(
        r"^\| (\d\d) \| [^|]+ \| `([^`]+)` \| ([-\d]*) ?\| ([-\d]*) ?\|", _section("Provinces"), re.MULTILINE
    )
    assert len(rows) == 86
    for code, place, begins, ends in rows:
        for day in filter(None, (begins, ends)):
            assert place_of(code, datetime.fromisoformat(day).date()) == place
    eternal = {code for code, _place, begins, ends in rows if not begins and not ends}
    assert eternal == contract.UNCHANGED
    assert {code for code, _place, begins, _ends in rows if begins} == contract.MERGED


def test_a_log_read_from_disk_is_the_log_that_was_written(tmp_path: Path) -> None:
    """What was acknowledged outlives the runner."""
    path = tmp_path / "operations.jsonl"
    with OperationLog(path) as log:
        operations = [log.send(record) for record in made()[:400]]
        for number, operation in enumerate(operations[:300]):
            log.acknowledge(operation, number)
        log.fail(operations[300], TimeoutError())
        log.discard(operations[301], "abort")
    with read_log(path) as again:
        assert (again.facts, again.reasons, again.open, again.acknowledged) == (
            log.facts,
            log.reasons,
            log.open,
            log.acknowledged,
        )
        assert again.lanes == log.lanes
        assert again.send(made()[0]).number == 401


@cache
def _section(title: str) -> str:
    """Return one section of the reference."""
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _schema(kind: Kind) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((DOCS / "schemas" / f"{kind.type}.schema.json").read_text(encoding="utf-8"))
    return schema


def _validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(_schema(kind), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _day(event: dict[str, Any]) -> Any:
    return day_of(datetime.fromisoformat(event["time"]))
