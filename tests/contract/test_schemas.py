"""The JSON Schemas say what the classes say: valid for both, or broken for both."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, SchemaError
from pydantic import ValidationError

from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.decoding.one_record import Accepted, decode
from models.outcomes import Reason
from onboarding.documents.codec_vectors import ACCEPTED, codec_vectors
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, example_of
from tests.models.strategies import Record, records
from tests.models.test_refusals import read_value

SCHEMAS: Final = Path(__file__).parents[2] / "docs" / "schemas"

# What a schema of one field cannot say: rules about bytes, keys, clocks and calendars.
BEYOND_SCHEMAS: Final = frozenset(
    {
        Reason.TOMBSTONE,
        Reason.EMPTY_VALUE,
        Reason.TOO_LARGE,
        Reason.VALUE_COMPRESSED,
        Reason.VALUE_UTF16,
        Reason.SCHEMA_REGISTRY_PREFIX,
        Reason.NOT_UTF8,
        Reason.CONTENT_TYPE_UNKNOWN,
        Reason.NESTED_TOO_DEEP,
        Reason.FORBIDDEN_CHARACTER,
        Reason.NOT_A_NUMBER,
        Reason.NOT_JSON,
        Reason.KEY_MISSING,
        Reason.KEY_NOT_SUBJECT,
        Reason.TIME_IN_FUTURE,
        Reason.TIME_TOO_EARLY,
        Reason.PROVINCE_NOT_IN_FORCE,
    }
)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
Json = dict[str, Any]


def _schema(kind: Kind) -> Json:
    schema: Json = json.loads((SCHEMAS / f"{kind.type}.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    """Return a validator that asserts formats, too."""
    return Draft202012Validator(_schema(kind), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _is_valid_to_pydantic(kind: Kind, document: object) -> bool:
    try:
        kind.event.model_validate_json(json.dumps(document))
    except ValidationError:
        return False
    return True


@each_kind
def test_a_schema_is_valid_to_its_meta_schema(kind: Kind) -> None:
    """A validator in any language must be able to load it."""
    Draft202012Validator.check_schema(_schema(kind))


def test_the_meta_schema_finds_a_planted_fault() -> None:
    """A check that cannot fail is a defect."""
    with pytest.raises(SchemaError):
        Draft202012Validator.check_schema(_schema(KINDS[0]) | {"required": "id"})


@each_kind
def test_a_schema_names_itself_and_says_what_it_is(kind: Kind) -> None:
    """Who finds the file alone knows which event it describes."""
    schema = _schema(kind)
    assert schema["$id"] == f"urn:vn:project06:schema:{kind.type}"
    assert schema["title"] == kind.event.__name__
    assert schema["description"]
    assert "$ref" not in json.dumps(schema)


@each_kind
def test_the_example_of_a_schema_is_valid_and_accepted(kind: Kind) -> None:
    """An example is what gets copied."""
    (example,) = _schema(kind)["examples"]
    _validator(kind).validate(example)
    outcome = decode(kind.topic, example["subject"].encode(), json.dumps(example).encode(), (), EXAMPLE_APPENDED_AT)
    assert isinstance(outcome, Accepted)


@given(records())
def test_every_event_that_is_accepted_is_valid_to_its_schema(record: Record) -> None:
    """An upstream system that validates before it publishes must not be held back by a stricter schema."""
    _validator(record.kind).validate(record.document)


def _paths(document: Json) -> list[tuple[str, ...]]:
    return [(name,) for name in document] + [("data", name) for name in document["data"]]


numbers = st.integers(-3, 3) | st.sampled_from([1.0, 2.0, 2.5])
scalars = st.none() | st.booleans() | numbers | st.text(max_size=3) | st.lists(st.integers(), max_size=1)


@given(records(), st.data())
def test_an_event_with_one_field_replaced_is_valid_to_both_or_to_neither(record: Record, data: st.DataObject) -> None:
    """Schema and class are two texts of one contract."""
    document = record.document
    *parents, name = data.draw(st.sampled_from(_paths(document)))
    (document["data"] if parents else document)[name] = data.draw(scalars)
    assert _validator(record.kind).is_valid(document) == _is_valid_to_pydantic(record.kind, document)


@given(records(), st.data())
def test_an_event_with_one_field_left_out_is_valid_to_both_or_to_neither(record: Record, data: st.DataObject) -> None:
    """What is required is required by both."""
    *parents, name = data.draw(st.sampled_from(_paths(record.document)))
    del (record.document["data"] if parents else record.document)[name]
    assert _validator(record.kind).is_valid(record.document) == _is_valid_to_pydantic(record.kind, record.document)


STRUCTURED_VECTORS: Final = [
    vector
    for vector in codec_vectors()["records"]
    if vector["outcome"] not in BEYOND_SCHEMAS
    and "binary" not in vector["name"]
    and not vector["headers"]
    and b"data_base64" not in (read_value(vector) or b"")
]


@pytest.mark.parametrize("vector", STRUCTURED_VECTORS, ids=lambda vector: vector["name"])
def test_a_published_record_is_valid_to_the_schema_when_it_is_accepted(vector: Json) -> None:
    """Where a schema can express a rule, it does: what is refused for a field fails there, too."""
    kind = KIND_BY_TOPIC[vector["topic"]]
    expected = vector["outcome"] == ACCEPTED or _is_about_text_alone(vector)
    assert _validator(kind).is_valid(json.loads(read_value(vector) or b"null")) == expected


def _is_about_text_alone(vector: Json) -> bool:
    """Tell whether a record is refused for what stands in a free text or in the key, which no schema looks into."""
    return vector["outcome"] == Reason.PERSONAL_DATA_IN_CLEAR and vector["field"] in {"data.desk", "key"}


def test_data_as_bytes_is_the_one_form_that_no_schema_has() -> None:
    """A validator that knows CloudEvents puts it into the clear first, as we do."""
    known = [vector for vector in codec_vectors()["records"] if b"data_base64" in (read_value(vector) or b"")]
    assert {vector["outcome"] for vector in known} == {ACCEPTED, Reason.DATA_INVALID}
    for vector in known:
        assert not _validator(KIND_BY_TOPIC[vector["topic"]]).is_valid(json.loads(read_value(vector) or b""))


Damage = Callable[[Json], object]


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.update(specversion=1.0),
        lambda document: document.update(id=document["id"].replace("-", "")),
        lambda document: document.update(id=f"{{{document['id']}}}"),
        lambda document: document.update(source="intake-desk"),
        lambda document: document.update(subject=document["subject"].upper()),
        lambda document: document.update(time=datetime(2024, 6, 10).isoformat()),  # noqa: DTZ001 - no offset is the fault
        lambda document: document.update(time=1717983000),
        lambda document: document.update(data=[document["data"]]),
        lambda document: document["data"].update(province="1"),
        lambda document: document["data"].update(level=True),
        lambda document: document["data"].update(account=7),
    ],
)
def test_a_broken_event_fails_both(damage: Damage) -> None:
    """The faults that deploys have brought elsewhere."""
    kind = next(kind for kind in KINDS if "level" in kind.dimensions)
    document = example_of(kind)
    damage(document)
    assert not _validator(kind).is_valid(document)
    assert not _is_valid_to_pydantic(kind, document)
