"""Many records at once are the same as one by one: the quick way and the thorough way never disagree."""

import json
from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import ACCOUNTS, KIND_BY_TOPIC, KINDS, Kind
from models.decoding.defects import measure
from models.decoding.many_records import _decode_together
from models.decoding.modes import STRUCTURED, Headers
from models.limits import NESTING_MAX, RECORD_BYTES_MAX
from models.outcomes import Reason, Refused
from models.places import place_at
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, example_of
from tests.models.both_ways import Outcome, in_columns, one_by_one, together
from tests.models.mutations import Made
from tests.models.strategies import Record, kinds, records
from tests.models.test_refusals import VECTORS, read_headers, read_key, read_value


def _in_milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _plain(record: Record) -> Made:
    """Return a valid event as most upstream systems send it."""
    headers = (("content-type", STRUCTURED.encode()),)
    return Made(record.key, record.structured()[0], headers, _in_milliseconds(record.appended_at))


def _example(kind: Kind) -> Made:
    """Return the example of a kind, without any header."""
    event = example_of(kind)
    value, appended_at = json.dumps(event).encode(), _in_milliseconds(EXAMPLE_APPENDED_AT)
    return Made(event["subject"].encode(), value, (), appended_at)


HEADERS: list[Headers] = [(), (("content-type", STRUCTURED.encode()),), (("traceparent", b"00-" + b"a" * 60),)]


def _with(**members: Any) -> bytes:
    """Return the example of an account with more attributes."""
    return json.dumps(example_of(ACCOUNTS) | members, ensure_ascii=False).encode()


def _padded(size: int, headers: Headers) -> Made:
    """Return a valid event of so many bytes, without headers."""
    value = _with(padding="x" * (size - len(_with(padding=""))))
    return _example(ACCOUNTS)._replace(value=value, headers=headers)


def _nested(levels: int, bracket: str, text: str) -> Made:
    """Return a valid event with an attribute that makes it nested so deep, and one with a text."""
    begin, end = ("[", "]") if bracket == "[]" else ('{"a":', "}")
    value = _with(nested=None, text=text).replace(b"null", f"{begin * (levels - 1)}1{end * (levels - 1)}".encode(), 1)
    return _example(ACCOUNTS)._replace(value=value.replace("\u0301".encode(), b"\\u0301"))


def neighbours() -> st.SearchStrategy[Made]:
    """Return a strategy for records on both sides of every border, with headers and without."""
    sizes = st.builds(
        lambda headers, under: _padded(RECORD_BYTES_MAX - under, headers), st.sampled_from(HEADERS), st.integers(-2, 80)
    )
    nested = st.builds(
        _nested,
        st.integers(NESTING_MAX - 3, NESTING_MAX + 4),
        st.sampled_from(["[]", "{}"]),
        st.sampled_from("a\u0301"),
    )
    return sizes | nested | st.just(_example(ACCOUNTS))


batches = kinds.flatmap(lambda kind: st.lists(records(st.just(kind)).map(_plain), max_size=5).map(lambda b: (kind, b)))


@given(batches)
def test_valid_events_are_the_same_at_once(batch: tuple[Kind, list[Made]]) -> None:
    """Whatever the contract allows, in every field."""
    assert together(*batch) == one_by_one(*batch)


@pytest.mark.slow
@given(batches, st.binary(max_size=40) | st.none(), st.integers(0, 5))
def test_one_broken_record_spoils_no_other(batch: tuple[Kind, list[Made]], value: bytes | None, place: int) -> None:
    """The others are what they were, and it is refused for its own reason."""
    kind, delivered = batch
    delivered.insert(place, Made(b"", value, (), _in_milliseconds(EXAMPLE_APPENDED_AT)))
    assert together(kind, delivered) == one_by_one(kind, delivered)


@pytest.mark.slow
@given(st.lists(neighbours(), min_size=1, max_size=6))
def test_a_border_is_where_it_is_whoever_the_neighbours_are(delivered: list[Made]) -> None:
    """Of the size, with headers that are counted, and of the nesting, with and without an escape beside it."""
    assert together(ACCOUNTS, delivered) == one_by_one(ACCOUNTS, delivered)


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize(("over", "reason"), [(0, None), (1, Reason.TOO_LARGE)])
def test_the_border_of_the_size_counts_headers(headers: Headers, over: int, reason: Reason | None) -> None:
    """256 KiB are a fact and one byte more is refused, with whatever headers, alone and among others."""
    own = _padded(RECORD_BYTES_MAX - measure(headers) + over, headers)
    refused = [(1, Refused(reason))] if reason else []
    assert together(ACCOUNTS, [_example(ACCOUNTS), own, _example(ACCOUNTS)]).refused == refused
    assert bool(together(ACCOUNTS, [own]).refused) is bool(refused)


@pytest.mark.parametrize("bracket", ["[]", "{}"])
@pytest.mark.parametrize("text", ["plain", "\u0301 escaped"])
@pytest.mark.parametrize(("levels", "reason"), [(NESTING_MAX, None), (NESTING_MAX + 1, Reason.NESTED_TOO_DEEP)])
def test_the_border_of_the_nesting_is_the_same_with_an_escape(
    bracket: str, text: str, levels: int, reason: Reason | None
) -> None:
    """An attribute that nobody knows may be nested as deep as the contract says, alone and among others."""
    own = _nested(levels, bracket, text)
    refused = [(1, Refused(reason))] if reason else []
    assert together(ACCOUNTS, [_example(ACCOUNTS), own, _example(ACCOUNTS)]).refused == refused
    assert bool(together(ACCOUNTS, [own]).refused) is bool(refused)


class Panic(BaseException):
    """What a library in Rust raises when it finds a fault of its own: no Exception."""


@pytest.mark.parametrize("raised", [OverflowError("date value out of range"), RecursionError(), Panic("a library's")])
def test_a_record_over_which_the_program_fails_is_refused_for_that(
    raised: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are what they are, and the error's name is all that is told of it."""
    _fail_over_province_02(raised, monkeypatch)
    decoded = together(ACCOUNTS, [_example(ACCOUNTS), _in_province_02(), _example(ACCOUNTS)])
    assert len(decoded.facts) == 2
    assert decoded.refused == [(1, Refused(Reason.PROGRAM_FAULT, type(raised).__name__))]


def test_no_memory_is_no_verdict_about_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is this machine's fault, and the process must end."""
    _fail_over_province_02(MemoryError(), monkeypatch)
    with pytest.raises(MemoryError):
        together(ACCOUNTS, [_in_province_02()])


def _in_province_02() -> Made:
    """Return the example of an account in a province that others are not in."""
    example = _example(ACCOUNTS)
    value = json.loads(example.value or b"")
    value["data"]["province"] = "02"
    return example._replace(value=json.dumps(value).encode())


def _fail_over_province_02(raised: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant a fault of the program."""

    def fail(code: str, day: date) -> str | None:
        if code == "02":
            raise raised
        return place_at(code, day)

    monkeypatch.setattr("models.decoding.one_record.place_at", fail)
    monkeypatch.setattr("models.decoding.many_records.place_at", fail)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_published_record_is_the_same_among_others(vector: dict[str, Any]) -> None:
    """Every reason of refusal, each in the middle of valid events."""
    kind = KIND_BY_TOPIC[vector["topic"]]
    appended_at = _in_milliseconds(datetime.fromisoformat(vector["appended_at"]))
    own = Made(read_key(vector), read_value(vector), read_headers(vector), appended_at)
    delivered = [_example(kind), own, _example(kind)]
    assert together(kind, delivered) == one_by_one(kind, delivered)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_plain_events_go_the_quick_way(kind: Kind) -> None:
    """Else nothing would be wrong but the speed, and nobody would notice."""
    example = _example(kind)
    delivered = [example, example._replace(headers=(("content-type", STRUCTURED.encode()),))]
    assert list(_decode_together(kind, in_columns(delivered)) or []) == one_by_one(kind, delivered).facts


def test_no_records_are_none() -> None:
    """A slice may pass over markers of transactions only."""
    assert together(KINDS[0], []) == Outcome([], Counter(), [])
