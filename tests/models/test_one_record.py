"""A valid event is accepted as it is, in either mode, however its fields are written."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.calendar import day_of
from models.catalogue import KINDS, Kind
from models.decoding.one_record import Accepted, decode, encode
from models.outcomes import Refused
from models.places import place_at
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, example_of
from tests.models.strategies import Record, records

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc_", max_size=5), inner, max_size=3),
    max_leaves=8,
)
unknown_names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)


def _read(record: Record) -> Accepted | Refused:
    """Decode a record in structured mode."""
    value, headers = record.structured()
    return decode(record.kind.topic, record.key, value, headers, record.appended_at)


@given(records())
def test_a_valid_event_is_accepted_with_every_field_as_it_was_sent(record: Record) -> None:
    """Nothing is lost or changed between the upstream system and the ledger, but the province becomes a place."""
    outcome = _read(record)
    assert isinstance(outcome, Accepted)
    document, data = record.document, record.document["data"]
    assert (outcome.kind, str(outcome.event_id)) == (record.kind, document["id"].lower())
    assert str(outcome.key) == data[record.kind.business_key].lower()
    subject, time, source, *values = outcome.content
    assert (subject.hex(), source) == (document["subject"], document["source"])
    assert time == datetime.fromisoformat(document["time"].upper())
    assert values == [_expected(name, data, time) for name in (*record.kind.dimensions, *record.kind.details)]


def _expected(name: str, data: dict[str, Any], time: datetime) -> object:
    """Return what the ledger keeps of a field."""
    return place_at(data[name], day_of(time)) if name == "province" else data.get(name)


@given(records())
def test_both_modes_are_the_same_event(record: Record) -> None:
    """An upstream system may change its mode without anything being counted otherwise."""
    value, headers = record.binary()
    assert decode(record.kind.topic, record.key, value, headers, record.appended_at) == _read(record)


@given(records())
def test_what_is_encoded_decodes_to_the_same(record: Record) -> None:
    """Our own publisher writes what our own reader takes."""
    event = record.kind.event.model_validate_json(json.dumps(record.document))
    assert decode(record.kind.topic, record.key, encode(event), (), record.appended_at) == _read(record)


@given(records(), st.dictionaries(unknown_names, json_values, max_size=4))
def test_unknown_attributes_are_ignored_and_never_stored(record: Record, unknown: dict[str, Any]) -> None:
    """An upstream system may add what it likes; what the contract does not name leaves no trace."""
    before = _read(record)
    more = {f"x{name}": value for name, value in unknown.items()}
    record.document.update(more)
    record.document["data"].update(more)
    assert _read(record) == before


@given(records(), st.lists(st.tuples(unknown_names.map("x-{}".format), st.none() | st.binary(max_size=20)), max_size=4))
def test_unknown_headers_are_ignored(record: Record, unknown: list[tuple[str, bytes | None]]) -> None:
    """Tracing libraries add headers of any bytes, and Kafka allows a header without a value."""
    value, headers = record.structured()
    assert decode(record.kind.topic, record.key, value, [*headers, *unknown], record.appended_at) == _read(record)


@given(records(), st.sampled_from(["upper", "lower"]))
def test_the_case_of_header_names_and_content_types_does_not_matter(record: Record, case: str) -> None:
    """Header names are compared without case, as HTTP gateways in front of Kafka rewrite them."""
    value, headers = record.binary()
    cased = [(getattr(name, case)(), content) for name, content in headers]
    assert decode(record.kind.topic, record.key, value, cased, record.appended_at) == _read(record)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_event_cannot_be_changed(kind: Kind) -> None:
    """A fact that is read is passed on, never edited."""
    event = kind.event.model_validate_json(json.dumps(example_of(kind)))
    with pytest.raises(ValidationError, match="frozen"):
        event.subject = "0" * 64  # type: ignore[misc]  # that it is frozen is what is tested
    with pytest.raises(ValidationError, match="frozen"):
        setattr(event.data, kind.business_key, None)


def test_a_record_of_a_topic_that_is_no_input_is_a_bug() -> None:
    """Which topics are read is ours to know: no refusal may hide a wrong subscription."""
    with pytest.raises(KeyError):
        decode("onboarding.tallies.v1", None, b"{}", (), EXAMPLE_APPENDED_AT)


@given(records(), st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_an_event_however_late_counts_the_same(record: Record, delay: timedelta) -> None:
    """An event counts on its own day, whenever the broker gets it."""
    value, headers = record.structured()
    late = record.appended_at + delay
    assert decode(record.kind.topic, record.key, value, headers, late) == _read(record)
