"""Whatever bytes a record has, decoding says accepted or refused and never raises: one bad byte stops nothing."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.catalogue import KIND_BY_TOPIC
from models.decoding.one_record import Accepted, decode
from models.outcomes import Reason, Refused
from models.personal_numbers import conceal_personal_numbers
from tests.models.strategies import Record, records

pytestmark = pytest.mark.slow

APPENDED_AT = datetime(2026, 1, 1, tzinfo=UTC)
# Ten times the usual number of examples: this is the law that keeps a partition from standing still.
EXAMPLES = 1_000

topics = st.sampled_from(sorted(KIND_BY_TOPIC))
keys = st.none() | st.binary(max_size=80)
names = st.sampled_from(["content-type", "ce_specversion", "ce_id", "ce_time", "ce_data", "Ce_Type", "ce_"]) | st.text()
types = st.sampled_from([b"application/json", b"application/cloudevents+json", b"text/plain", b""])
headers = st.lists(st.tuples(names, st.none() | types | st.binary(max_size=40)), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
fragments = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"\\",
        b"\\u",
        b"\\ud800",
        b"\x00",
        b"\xff",
        b"NaN",
        b"1e999",
        b",",
        b":",
        b"9" * 5000,
    ]
)


def _is_closed(outcome: object) -> bool:
    """Tell whether an outcome is one of the two, its reason of the closed set; a fault of our own is none."""
    sound = {*Reason} - {Reason.PROGRAM_FAULT}
    return isinstance(outcome, Accepted) or (isinstance(outcome, Refused) and outcome.reason in sound)


@settings(max_examples=EXAMPLES)
@given(topics, keys, st.none() | st.binary() | st.lists(fragments).map(b"".join), headers)
def test_any_bytes_are_accepted_or_refused(
    topic: str, key: bytes | None, value: bytes | None, fuzzed: list[tuple[str, bytes | None]]
) -> None:
    """Producers without any contract can write to the topic, too."""
    assert _is_closed(decode(topic, key, value, fuzzed, APPENDED_AT))


@settings(max_examples=EXAMPLES)
@given(topics, keys, json_values, headers)
def test_any_json_is_accepted_or_refused(
    topic: str, key: bytes | None, value: object, fuzzed: list[tuple[str, bytes | None]]
) -> None:
    """JSON of another system, NaN and all, in either mode."""
    assert _is_closed(decode(topic, key, json.dumps(value).encode(), fuzzed, APPENDED_AT))


def _paths(document: dict[str, Any]) -> list[tuple[str, ...]]:
    return [(name,) for name in document] + [("data", name) for name in document["data"]]


@settings(max_examples=EXAMPLES)
@given(records(), json_values, st.data())
def test_an_event_with_any_one_field_replaced_is_accepted_or_refused(
    record: Record, written: object, data: st.DataObject
) -> None:
    """A bad deploy upstream breaks one field of events that are otherwise right."""
    document = deepcopy(record.document)
    *parents, name = data.draw(st.sampled_from(_paths(document)))
    (document["data"] if parents else document)[name] = written
    value = json.dumps(document).encode()
    assert _is_closed(decode(record.kind.topic, record.key, value, (), record.appended_at))


@settings(max_examples=EXAMPLES)
@given(records(), st.data(), fragments | st.binary(max_size=4))
def test_an_event_with_any_bytes_in_its_midst_is_accepted_or_refused(
    record: Record, data: st.DataObject, inserted: bytes
) -> None:
    """A disk, a proxy or a bug damages bytes anywhere; in both modes."""
    for value, sent in (record.structured(), record.binary()):
        start = data.draw(st.integers(0, len(value)))
        end = data.draw(st.integers(start, min(len(value), start + 3)))
        damaged = value[:start] + inserted + value[end:]
        assert _is_closed(decode(record.kind.topic, record.key, damaged, sent, record.appended_at))


@given(st.binary())
def test_refused_bytes_can_always_be_masked(value: bytes) -> None:
    """What is stored of a refused record is masked first, whatever it is."""
    assert isinstance(conceal_personal_numbers(value), bytes)
