"""The AsyncAPI 3 document: all that an upstream developer needs to publish, and to read what was refused."""

from typing import Any, Final

from models.catalogue import KINDS, Kind
from models.decoding.modes import STRUCTURED
from models.events import SUBJECT_PATTERN
from models.limits import RECORD_BYTES_MAX
from models.outcomes import Reason
from models.topics import REFUSED, TOPICS
from onboarding.documents.examples import example_of
from onboarding.documents.guide import guide
from onboarding.documents.schemas import schema_of

# The version of the contract: raised with every change of a class of event, a topic or a reason.
CONTRACT_VERSION: Final = "1.0.0"

# The newest version of the Kafka bindings that the official parser knows.
_BINDING: Final = "0.5.0"
_KEY: Final = {"type": "string", "pattern": SUBJECT_PATTERN, "description": "Equals the subject of the event."}
_SUFFIXES: Final = ("Structured", "Binary")

Json = dict[str, Any]


def asyncapi() -> Json:
    """Return the whole document."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:vn:project06:onboarding",
        "info": _info(),
        "defaultContentType": STRUCTURED,
        "servers": {"kafka": _server()},
        "channels": {kind.name: _channel(kind) for kind in KINDS} | {"refused": _refused_channel()},
        "operations": dict([*map(_receiving, KINDS), _sending_refused()]),
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _info() -> Json:
    """Return the title and the guide."""
    return {
        "title": "Counts of the move to digital identity: what upstream systems publish",
        "version": CONTRACT_VERSION,
        "description": guide(),
        "tags": [{"name": "kafka"}, {"name": "cloudevents"}],
    }


def _server() -> Json:
    """Return the placeholder of the brokers; the operator gives the real ones."""
    return {
        "host": "{brokers}",
        "protocol": "kafka",
        "description": "Kafka brokers of the installation; ask its operator for them and for the shared key.",
        "variables": {"brokers": {"description": "host:port of any broker", "default": "127.0.0.1:9092"}},
    }


def _channel(kind: Kind) -> Json:
    """Return the input topic of a kind of event."""
    return {
        "address": kind.topic,
        "title": kind.name.replace("_", " ").capitalize(),
        "description": f"{kind.definition}\n\n{kind.definition_vi}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _message_names(kind)},
        "bindings": _topic_binding(kind.topic),
    }


def _refused_channel() -> Json:
    """Return the topic of what was refused."""
    return {
        "address": REFUSED.name,
        "title": "Refused records",
        "description": "Records that are no valid event, whole, with the reason; personal ID numbers are masked.",
        "messages": {"RefusedRecord": {"$ref": "#/components/messages/RefusedRecord"}},
        "bindings": _topic_binding(REFUSED.name),
    }


def _topic_binding(name: str) -> Json:
    """Return how a topic is created: its partitions and settings."""
    (topic,) = (each for each in TOPICS if each.name == name)
    return {
        "kafka": {
            "topic": topic.name,
            "partitions": topic.partitions,
            "topicConfiguration": {name: int(text) if text.isdigit() else text for name, text in topic.config.items()},
            "bindingVersion": _BINDING,
        }
    }


def _receiving(kind: Kind) -> tuple[str, Json]:
    """Return the operation by which this application reads a topic."""
    return f"receive_{kind.name}", {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{kind.name}"},
        "summary": f"Count {kind.name.replace('_', ' ')}: upstream systems publish here.",
        "messages": [{"$ref": f"#/channels/{kind.name}/messages/{name}"} for name in _message_names(kind)],
    }


def _sending_refused() -> tuple[str, Json]:
    """Return the operation by which this application says what it refused."""
    return "send_refused", {
        "action": "send",
        "channel": {"$ref": "#/channels/refused"},
        "summary": "Tell upstream systems what was refused and why: upstream systems may read here.",
        "messages": [{"$ref": "#/channels/refused/messages/RefusedRecord"}],
    }


def _message_names(kind: Kind) -> list[str]:
    """Name the messages of a kind: one for each mode of CloudEvents."""
    return [f"{kind.event.__name__}{suffix}" for suffix in _SUFFIXES]


def _messages() -> Json:
    """Return every message."""
    messages: Json = {"RefusedRecord": _refused_message()}
    for kind in KINDS:
        messages |= zip(_message_names(kind), (_structured(kind), _binary(kind)), strict=True)
    return messages


def _structured(kind: Kind) -> Json:
    """Return the message in structured mode: the whole event is the value."""
    name, _ = _message_names(kind)
    headers = {"content-type": STRUCTURED}
    return _message(kind, name, STRUCTURED, "structured mode") | {
        "headers": {"type": "object", "properties": {"content-type": {"type": "string", "const": STRUCTURED}}},
        "payload": {"$ref": f"#/components/schemas/{kind.event.__name__}"},
        "examples": [{"name": "structured", "headers": headers, "payload": example_of(kind)}],
    }


def _binary(kind: Kind) -> Json:
    """Return the message in binary mode: attributes are headers, the value is the data."""
    _, name = _message_names(kind)
    event = example_of(kind)
    data = event.pop("data")
    headers = {"content-type": "application/json"} | {f"ce_{attribute}": text for attribute, text in event.items()}
    return _message(kind, name, "application/json", "binary mode") | {
        "headers": {"$ref": f"#/components/schemas/{kind.event.__name__}Headers"},
        "payload": {"$ref": f"#/components/schemas/{kind.event.__name__}Data"},
        "examples": [{"name": "binary", "headers": headers, "payload": data}],
    }


def _message(kind: Kind, name: str, content_type: str, mode: str) -> Json:
    """Return what a message has in either mode."""
    return {
        "name": name,
        "title": f"{kind.type} in {mode}",
        "summary": (kind.event.__doc__ or "").strip(),
        "contentType": content_type,
        "bindings": {"kafka": {"key": _KEY, "bindingVersion": _BINDING}},
    }


def _refused_message() -> Json:
    """Return the message about a refused record."""
    origin = {
        "onboarding-field": "",
        "onboarding-topic": KINDS[0].topic,
        "onboarding-partition": "3",
        "onboarding-offset": "1042",
    }
    return {
        "name": "RefusedRecord",
        "title": "A record that was refused",
        "summary": "Original key, value and headers (personal ID numbers masked), where it stood, why it was refused.",
        "contentType": "application/octet-stream",
        "headers": {"$ref": "#/components/schemas/RefusedHeaders"},
        "payload": {
            "description": f"The original value: any bytes, at most {RECORD_BYTES_MAX} unless it was too large."
        },
        "bindings": {"kafka": {"key": {"description": "The original key: any bytes."}, "bindingVersion": _BINDING}},
        "examples": [{"name": "refused", "headers": {"onboarding-reason": Reason.NOT_JSON.value} | origin}],
    }


def _schemas() -> Json:
    """Return every schema: of each kind the event, its data and its headers in binary mode."""
    schemas: Json = {"RefusedHeaders": _refused_headers()}
    for kind in KINDS:
        name, schema = kind.event.__name__, schema_of(kind.event)
        schemas[f"{name}Data"] = schema["properties"]["data"]
        schemas[f"{name}Headers"] = _headers(schema)
        schema["properties"]["data"] = {"$ref": f"#/components/schemas/{name}Data"}
        schemas[name] = schema
    return schemas


def _headers(schema: Json) -> Json:
    """Return the schema of the headers of binary mode: every attribute of an event but its data."""
    attributes = {f"ce_{name}": attribute for name, attribute in schema["properties"].items() if name != "data"}
    content_type = {"type": "string", "const": "application/json"}
    return {
        "type": "object",
        "properties": {"content-type": content_type, **attributes},
        "required": [f"ce_{name}" for name in schema["required"] if name != "data"],
    }


def _refused_headers() -> Json:
    """Return the schema of the headers that a refused record gets."""
    described = {
        "onboarding-reason": "Why it was refused; section 8 of the description of this document explains each.",
        "onboarding-field": "The attribute at fault (data.province), empty when the fault is in the bytes.",
        "onboarding-topic": "Topic it was published to.",
        "onboarding-partition": "Partition it stood in, in decimal digits.",
        "onboarding-offset": "Its offset there, in decimal digits.",
    }
    properties: Json = {name: {"type": "string", "description": text} for name, text in described.items()}
    properties["onboarding-reason"]["enum"] = [reason.value for reason in Reason]
    return {"type": "object", "properties": properties, "required": list(described)}
