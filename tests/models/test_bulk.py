"""Many records at once are the same as one by one: the quick way and the thorough way never disagree."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bulk import Decoded, _decode_plain, decode_all
from models.calendar import moment_of
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.codec import STRUCTURED, Headers, decode
from models.outcomes import Refused
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, example_of
from tests.models.strategies import Record, kinds, records
from tests.models.test_refusals import VECTORS, read_headers, read_key, read_value


class Delivered(NamedTuple):
    """A record as a client of Kafka delivers it."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int
    partition: int = 3
    offset: int = 42

    @property
    def appended_at(self) -> datetime:
        """When the broker appended it."""
        return moment_of(self.timestamp)


def _in_milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _one_by_one(kind: Kind, delivered: Sequence[Delivered]) -> Decoded:
    """Return what the codec makes of each, as the ledger keeps it."""
    expected = Decoded([], [], [])
    for place, each in enumerate(delivered):
        outcome = decode(kind.topic, each.key, each.value, each.headers, each.appended_at)
        if isinstance(outcome, Refused):
            expected.refused.append((place, outcome))
        else:
            of_record = (each.partition, each.offset, each.appended_at)
            expected.facts.append((outcome.key, outcome.event_id, *outcome.content, *of_record))
            expected.counted.append(outcome.counted)
    return expected


def _at_once(kind: Kind, delivered: Sequence[Delivered]) -> Decoded:
    return decode_all(kind.topic, delivered)


def _plain(record: Record) -> Delivered:
    """Return a valid event as most upstream systems send it."""
    headers = (("content-type", STRUCTURED.encode()),)
    return Delivered(record.key, record.structured()[0], headers, _in_milliseconds(record.appended_at))


def _example(kind: Kind) -> Delivered:
    """Return the example of a kind, without any header."""
    event = example_of(kind)
    value, appended_at = json.dumps(event).encode(), _in_milliseconds(EXAMPLE_APPENDED_AT)
    return Delivered(event["subject"].encode(), value, (), appended_at)


batches = kinds.flatmap(lambda kind: st.lists(records(st.just(kind)).map(_plain), max_size=5).map(lambda b: (kind, b)))


@given(batches)
def test_valid_events_are_the_same_at_once(batch: tuple[Kind, list[Delivered]]) -> None:
    """Whatever the contract allows, in every field."""
    assert _at_once(*batch) == _one_by_one(*batch)


@given(batches, st.binary(max_size=40) | st.none(), st.integers(0, 5))
def test_one_broken_record_spoils_no_other(
    batch: tuple[Kind, list[Delivered]], value: bytes | None, place: int
) -> None:
    """The others are what they were, and it is refused for its own reason."""
    kind, delivered = batch
    delivered.insert(place, Delivered(b"", value, (), _in_milliseconds(EXAMPLE_APPENDED_AT)))
    assert _at_once(kind, delivered) == _one_by_one(kind, delivered)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_published_record_is_the_same_among_others(vector: dict[str, Any]) -> None:
    """Every reason of refusal, each in the middle of valid events."""
    kind = KIND_BY_TOPIC[vector["topic"]]
    appended_at = _in_milliseconds(datetime.fromisoformat(vector["appended_at"]))
    own = Delivered(read_key(vector), read_value(vector), read_headers(vector), appended_at)
    delivered = [_example(kind), own, _example(kind)]
    assert _at_once(kind, delivered) == _one_by_one(kind, delivered)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_plain_events_go_the_quick_way(kind: Kind) -> None:
    """Else nothing would be wrong but the speed, and nobody would notice."""
    example = _example(kind)
    delivered = [example, example._replace(offset=43, headers=(("content-type", STRUCTURED.encode()),))]
    assert _decode_plain(kind, delivered) == _one_by_one(kind, delivered)


def test_no_records_are_none() -> None:
    """A slice may pass over markers of transactions only."""
    assert _at_once(KINDS[0], []) == Decoded([], [], [])
