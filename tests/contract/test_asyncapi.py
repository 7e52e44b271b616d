"""The AsyncAPI document is valid to the official parser, and complete enough to publish from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from models.catalogue import KINDS, Kind
from models.decoding.one_record import Accepted, decode
from models.outcomes import Reason
from models.topics import PARTITIONS, REFUSED
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, EXAMPLE_SUBJECT
from tests.contract import asyncapi_parser

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "asyncapi.yaml"

Json = dict[str, Any]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture(scope="module")
def document() -> Json:
    """Return the document as it is committed."""
    read: Json = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    return read


def _drop_version(document: Json) -> None:
    del document["info"]["version"]


def _misspell_action(document: Json) -> None:
    document["operations"]["receive_portal_logins"]["action"] = "recieve"


def _point_nowhere(document: Json) -> None:
    document["operations"]["receive_portal_logins"]["channel"]["$ref"] = "#/channels/nowhere"


def _break_schema(document: Json) -> None:
    document["components"]["schemas"]["AccountActivated"]["type"] = "objekt"


def _break_example(document: Json) -> None:
    document["components"]["messages"]["AccountActivatedStructured"]["examples"][0]["headers"] = "none"


DAMAGES: Final = (_drop_version, _misspell_action, _point_nowhere, _break_schema, _break_example)


@pytest.mark.slow
def test_the_official_parser_finds_nothing_but_planted_faults(tmp_path: Path) -> None:
    """Tools that upstream developers use rest on this parser: not even a warning, and an error for each fault."""
    broken = [_plant(damage, tmp_path / f"{damage.__name__}.yaml") for damage in DAMAGES]
    sound, *verdicts = asyncapi_parser.parse(DOCUMENT, *broken)
    assert sound.understood
    assert sound.at_least(asyncapi_parser.WARNING) == []
    assert [
        path.name for path, found in zip(broken, verdicts, strict=True) if not found.at_least(asyncapi_parser.ERROR)
    ] == []


def _plant(damage: Callable[[Json], None], path: Path) -> Path:
    """Write the document with one fault in it."""
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    damage(document)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def _channel(document: Json, topic: str) -> Json:
    (channel,) = (each for each in document["channels"].values() if each["address"] == topic)
    return dict(channel)


@each_kind
def test_each_input_topic_is_a_channel_with_its_partitions_and_both_modes(kind: Kind, document: Json) -> None:
    """The topic list of an upstream developer is this document."""
    channel = _channel(document, kind.topic)
    assert channel["bindings"]["kafka"]["partitions"] == PARTITIONS
    assert len(channel["messages"]) == 2
    assert document["operations"][f"receive_{kind.name}"]["action"] == "receive"


def _examples(document: Json, kind: Kind) -> list[Json]:
    messages = (document["components"]["messages"][name] for name in _channel(document, kind.topic)["messages"])
    return [example for message in messages for example in message["examples"]]


@each_kind
def test_each_example_of_a_message_is_accepted_by_the_codec(kind: Kind, document: Json) -> None:
    """Who copies an example and changes nothing has published a valid event."""
    for example in _examples(document, kind):
        headers = [(name, text.encode()) for name, text in example["headers"].items()]
        value = json.dumps(example["payload"]).encode()
        outcome = decode(kind.topic, EXAMPLE_SUBJECT.encode(), value, headers, EXAMPLE_APPENDED_AT)
        assert isinstance(outcome, Accepted)


def test_upstream_systems_may_read_what_was_refused_and_why(document: Json) -> None:
    """A refusal that nobody hears of is a lost fact."""
    channel = _channel(document, REFUSED.name)
    headers = document["components"]["schemas"]["RefusedHeaders"]
    assert list(channel["messages"]) == ["RefusedRecord"]
    assert headers["properties"]["onboarding-reason"]["enum"] == list(Reason)
    assert headers["required"] == [f"onboarding-{name}" for name in ("reason", "field", "topic", "partition", "offset")]


@pytest.mark.parametrize("reason", Reason)
def test_the_guide_explains_every_reason(reason: Reason, document: Json) -> None:
    """Who is refused finds the reason in the document he publishes from."""
    assert f"* `{reason}`: " in document["info"]["description"]


def test_the_guide_teaches_both_modes_with_kcat(document: Json) -> None:
    """With this document and kcat alone one can publish: address, key, content type and attributes are there."""
    guide = document["info"]["description"]
    for part in ("kcat -P", '-k "$SUBJECT"', "-H content-type=application/cloudevents+json", "-H ce_id=", "openssl"):
        assert part in guide
    assert EXAMPLE_SUBJECT in guide
