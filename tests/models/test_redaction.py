"""What a person may see of a refused record holds nothing of a citizen."""

import json
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import IDENTITY_RECORDS, KINDS, LOGINS, Kind
from models.decoding.modes import Headers
from models.redaction import name_source, shape_of, show_fields
from onboarding.documents.examples import example_of
from tests.models.strategies import desks

NUMBER = "001099123456"
HEALTH = "urn:vn:project06:portal:health"


# As JSON. Of 4,300 digits is the longest number that Python reads and writes.
NUMBER_READ = NUMBER.lstrip("0")
ODD_VALUES = [
    "1" + "0" * 4_299,
    f"-{NUMBER_READ}",
    f"{NUMBER_READ}.5",
    "1e400",
    f'["{NUMBER}"]',
    f'{{"{NUMBER}": 1}}',
    "true",
]


def _show(kind: Kind, document: Any) -> dict[str, str]:
    return dict(show_fields(kind, json.dumps(document).encode(), ()))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_the_contract_allows_is_shown_but_for_the_citizen(kind: Kind) -> None:
    """Registers, times and UUIDs say nothing of a person; the pseudonym and free texts may."""
    event = example_of(kind)
    shown = _show(kind, event)
    for name in ("specversion", "type", "id", "source", "time"):
        assert shown[name] == f'"{event[name]}"'
    assert event["subject"][:20] not in shown["subject"]
    for name in (kind.business_key, *kind.dimensions):
        assert str(event["data"][name]) in shown[f"data.{name}"]


@given(desks.filter(lambda text: any(letter.isalnum() and letter not in "aA9" for letter in text)))
def test_a_free_text_is_never_shown_as_it_is(text: str) -> None:
    """Whatever script it is in."""
    event = example_of(IDENTITY_RECORDS)
    shown = _show(IDENTITY_RECORDS, event | {"data": event["data"] | {"desk": text}})
    assert text not in shown["data.desk"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("value", ODD_VALUES, ids=range(len(ODD_VALUES)))
def test_any_value_of_any_field_is_shown_somehow(value: str, kind: Kind) -> None:
    """And no digit of it."""
    fields = dict.fromkeys((kind.business_key, *kind.dimensions, *kind.details), "ODD")
    document = json.dumps({"id": "ODD", "time": "ODD", "source": "ODD", "data": fields}).replace('"ODD"', value)
    shown = dict(show_fields(kind, document.encode(), ()))
    assert shown.keys() == {"id", "time", "source", *(f"data.{name}" for name in fields)}
    assert NUMBER_READ not in "".join(shown.values())


def test_a_value_that_cannot_be_shown_is_named_by_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other fields are shown all the same."""
    monkeypatch.setattr("models.redaction.shape_of", Mock(side_effect=OverflowError))
    shown = _show(LOGINS, {"id": "x", "specversion": "1.0"})
    assert shown == {"specversion": '"1.0"', "id": "a JSON str (OverflowError)"}


@given(st.text())
def test_a_shape_has_neither_letters_nor_digits_of_a_text(text: str) -> None:
    """Signs stay: they show what is wrong with a time or an id."""
    shape = shape_of(text).partition('"... (')[0]
    assert not {letter for letter in shape if letter.isalnum()} - set("aA9")


@pytest.mark.parametrize("written", [NUMBER, int(NUMBER), [NUMBER], {"a": NUMBER}, None, True])
@pytest.mark.parametrize("name", ["id", "time", "source", "type"])
def test_a_personal_number_is_shown_nowhere(name: str, written: object) -> None:
    """Wherever an upstream system has put it."""
    assert NUMBER not in str(_show(LOGINS, example_of(LOGINS) | {name: written}))


def test_both_modes_show_the_same() -> None:
    """Attributes stand in headers, and the fields of data are those of the contract."""
    event = example_of(LOGINS) | {"time": "2024-06-10T08:30Z"}
    data = event.pop("data")
    headers = [(f"ce_{name}", text.encode()) for name, text in event.items()]
    shown = dict(show_fields(LOGINS, json.dumps(data).encode(), headers))
    assert shown == _show(LOGINS, event | {"data": data})
    assert "others" not in shown


def test_data_of_binary_mode_that_is_no_json_hides_no_attribute() -> None:
    """What can be read is shown."""
    shown = dict(show_fields(LOGINS, b"{", [("ce_specversion", b"1.0"), ("ce_source", HEALTH.encode())]))
    assert shown == {"specversion": '"1.0"', "source": f'"{HEALTH}"'}


def test_unknown_names_are_counted_and_not_shown() -> None:
    """A name can be a person's."""
    event = example_of(LOGINS)
    shown = _show(LOGINS, event | {NUMBER: 1, "data": event["data"] | {"Nguyen": 2}})
    assert shown["others"] == "2 that the contract does not know"
    assert NUMBER not in str(shown)


@pytest.mark.parametrize(("value", "said"), [(None, "none"), (b"{", "1 bytes that"), (b"[1]", "3 bytes that")])
def test_bytes_that_are_no_object_are_told_by_their_number(value: bytes | None, said: str) -> None:
    """They may be anything."""
    (shown,) = show_fields(LOGINS, value, ())
    assert shown[1].startswith(said)


@pytest.mark.parametrize(
    ("value", "headers", "source"),
    [
        (json.dumps({"source": HEALTH}).encode(), (), HEALTH),
        (b"\xef\xbb\xbf" + json.dumps({"source": HEALTH}).encode(), (), HEALTH),
        (b"{}", [("ce_source", HEALTH.encode())], HEALTH),
        (None, [("CE-Source", f'"{HEALTH}"'.encode())], HEALTH),
        (json.dumps({"source": "urn:somebody"}).encode(), (), ""),
        (b'{"source": 7}', (), ""),
        (b"\xff", [("ce_source", b"\xff")], ""),
        (None, [("ce_source", None)], ""),
    ],
)
def test_the_source_is_a_registered_one_or_none(value: bytes | None, headers: Headers, source: str) -> None:
    """It becomes a label of a metric: nobody outside may choose it."""
    assert name_source(value, headers) == source
