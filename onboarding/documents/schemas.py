"""JSON Schema of each class of event, without references, so that a document that holds it needs nothing else."""

from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from models.catalogue import Kind

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class _Untitled(GenerateJsonSchema):
    """Writes no title that only repeats the name of a field."""

    def field_title_should_be_set(self, schema: CoreSchema | Any) -> bool:  # noqa: ANN401 - pydantic's own signature
        """Give no field a title: its name is one."""
        del schema
        return False


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a class, every reference replaced by what it refers to."""
    schema = model.model_json_schema(schema_generator=_Untitled)
    definitions = schema.pop("$defs", {})
    resolved = _resolve(schema, definitions)
    return {"title": resolved.pop("title"), "description": resolved.pop("description"), **resolved}


def schema_file(kind: Kind, example: dict[str, Any]) -> dict[str, Any]:
    """Return the whole schema document of a kind of event, with an example event."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:vn:project06:schema:{kind.type}",
        **schema_of(kind.event),
        "examples": [example],
    }


def _resolve(node: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Replace references to definitions by the definitions."""
    if isinstance(node, list):
        return [_resolve(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolve(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    return {name: _resolve(member, definitions) for name, member in node.items()}
