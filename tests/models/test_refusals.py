"""Every reason of refusal fires, on the record it is meant for, in the published order of precedence."""

import json
from base64 import b64decode
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, Final

import pytest
from hypothesis import given

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from models.decoding.modes import Headers
from models.decoding.one_record import Accepted, decode
from models.outcomes import EXPLANATIONS, Reason, Refused
from onboarding.documents.codec_vectors import ACCEPTED, codec_vectors
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, example_of
from tests.models.strategies import Record, records

VECTORS: Final = codec_vectors()["records"]

# One fault for each reason that a field can have, in the order of `Reason`; of two, the first must be given.
FAULTS: Final[dict[Reason, dict[str, Any]]] = {
    Reason.SPECVERSION_WRONG: {"specversion": "0.3"},
    Reason.TYPE_UNKNOWN: {"type": "nothing"},
    Reason.TYPE_ON_WRONG_TOPIC: {"type": LOGINS.type},
    Reason.ID_MISSING: {"id": None},
    Reason.ID_TOO_LONG: {"id": "x" * 37},
    Reason.ID_NOT_UUID: {"id": "x"},
    Reason.SOURCE_UNKNOWN: {"source": "x"},
    Reason.SUBJECT_INVALID: {"subject": "x"},
    Reason.TIME_WITHOUT_OFFSET: {"time": "2024-06-10T08:30:00"},
    Reason.TIME_INVALID: {"time": "x"},
    Reason.BUSINESS_KEY_INVALID: {"data": {"account": "x"}},
    Reason.PROVINCE_UNKNOWN: {"data": {"province": "99"}},
    Reason.LEVEL_UNKNOWN: {"data": {"level": 3}},
}


def _raw(written: str | None) -> bytes | None:
    return None if written is None else b64decode(written)


def read_value(vector: dict[str, Any]) -> bytes | None:
    """Return the value of a vector's record."""
    value = _raw(vector["value_base64"])
    return None if value is None else value * int(vector["value_times"])


def read_key(vector: dict[str, Any]) -> bytes | None:
    """Return the key of a vector's record."""
    return None if vector["key"] is None else str(vector["key"]).encode()


def read_headers(vector: dict[str, Any]) -> Headers:
    """Return the headers of a vector's record."""
    return [(name, _raw(content)) for name, content in vector["headers"]]


def _read(vector: dict[str, Any]) -> Accepted | Refused:
    """Decode the record of a published vector."""
    appended_at = datetime.fromisoformat(vector["appended_at"])
    return decode(vector["topic"], read_key(vector), read_value(vector), read_headers(vector), appended_at)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_published_record_becomes_what_its_vector_says(vector: dict[str, Any]) -> None:
    """The vectors are a promise to upstream systems."""
    outcome = _read(vector)
    if vector["outcome"] == ACCEPTED:
        assert isinstance(outcome, Accepted)
    else:
        assert outcome == Refused(Reason(vector["outcome"]), vector["field"])


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_vector_and_an_explanation(reason: Reason) -> None:
    """A reason without a record that makes it fire is a promise nobody has tried; our own faults have planted ones.

    To be set aside is no record's own: tests/integration/test_failures.py.
    """
    assert reason in {vector["outcome"] for vector in VECTORS} | {Reason.PROGRAM_FAULT, Reason.SET_ASIDE}
    assert EXPLANATIONS[reason]


def test_the_names_of_vectors_are_unique() -> None:
    """A failing vector must be found by its name."""
    names = [vector["name"] for vector in VECTORS]
    assert len(set(names)) == len(names)


def _faulty(*faults: dict[str, Any]) -> Accepted | Refused:
    """Decode the example of an account with faults in several fields; None leaves a field out."""
    event = example_of(ACCOUNTS)
    for fault in faults:
        event["data"] |= fault.get("data", {})
        event |= {name: written for name, written in fault.items() if name != "data"}
    document = {name: written for name, written in event.items() if written is not None}
    return decode(ACCOUNTS.topic, b"not the subject", json.dumps(document).encode(), (), EXAMPLE_APPENDED_AT)


def _of_two_fields(pair: tuple[Reason, Reason]) -> bool:
    """Tell whether two faults are in different fields, so that one record can have both."""
    one, other = (FAULTS[reason] for reason in pair)
    return one.keys() != other.keys() or "data" in one


@pytest.mark.parametrize("pair", [*filter(_of_two_fields, combinations(FAULTS, 2))], ids="-".join)
def test_of_two_faults_the_first_in_the_published_order_is_given(pair: tuple[Reason, Reason]) -> None:
    """A count by reason means the same on every day only if the order is fixed."""
    first, second = sorted(pair, key=list(Reason).index)
    outcome = _faulty(FAULTS[second], FAULTS[first])
    assert isinstance(outcome, Refused)
    assert outcome.reason == first


@given(records())
def test_an_event_is_refused_from_one_microsecond_past_five_minutes_ahead(record: Record) -> None:
    """The limit is judged against the broker's append time, exactly."""
    value, headers = record.structured()
    time = datetime.fromisoformat(record.document["time"].upper())
    limit = time - timedelta(minutes=5)
    assert isinstance(decode(record.kind.topic, record.key, value, headers, limit), Accepted)
    too_early = limit - timedelta(microseconds=1)
    assert decode(record.kind.topic, record.key, value, headers, too_early) == Refused(Reason.TIME_IN_FUTURE, "time")


def test_nesting_is_taken_up_to_the_published_limit_and_refused_above_it() -> None:
    """200 levels are taken, 201 are not, and neither is called something else."""
    event = json.dumps(example_of(LOGINS))[:-1]
    subject = example_of(LOGINS)["subject"].encode()
    taken, refused = (f'{event}, "x": {"[" * depth}1{"]" * depth}}}'.encode() for depth in (199, 200))
    assert isinstance(decode(LOGINS.topic, subject, taken, (), EXAMPLE_APPENDED_AT), Accepted)
    assert decode(LOGINS.topic, subject, refused, (), EXAMPLE_APPENDED_AT) == Refused(Reason.NESTED_TOO_DEEP)


def test_a_chance_run_of_twelve_digits_in_an_opaque_field_is_no_personal_number() -> None:
    """A blind scan for 12 digits would refuse one valid event in a hundred."""
    event = example_of(IDENTITY_RECORDS) | {
        "id": "00000000-0000-4000-8000-123456789012",
        "subject": "1" * 12 + "a" * 52,
    }
    event["data"]["record_number"] = "00000000-0000-4000-8000-210987654321"
    value = json.dumps(event).encode()
    outcome = decode(IDENTITY_RECORDS.topic, event["subject"].encode(), value, (), EXAMPLE_APPENDED_AT)
    assert isinstance(outcome, Accepted)
