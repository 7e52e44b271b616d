"""One valid example event of each kind, made from its JSON Schema: a new kind of event has one at once."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from models.calendar import VIETNAM
from models.catalogue import Kind
from models.pseudonym import pseudonym
from onboarding.documents.schemas import schema_of

# Invented: no province has the prefix 000 (Circular 59/2021/TT-BCA numbers them 001 to 096), so nobody has this number.
INVENTED_NUMBER: Final = "000000000000"
# Published, so worthless as a secret: the bytes 0 to 31.
PUBLISHED_KEY: Final = bytes(range(32))
EXAMPLE_SUBJECT: Final = pseudonym(PUBLISHED_KEY, INVENTED_NUMBER)

# 10 June 2024: the conference whose figures this software reproduces.
EXAMPLE_TIME: Final = datetime(2024, 6, 10, 8, 30, tzinfo=VIETNAM)
EXAMPLE_APPENDED_AT: Final = EXAMPLE_TIME + timedelta(seconds=1)

# Values that tell a reader more than the first one a schema allows.
_TELLING: Final[dict[str, dict[str, object]]] = {
    "accounts_activated": {"source": "urn:vn:project06:vneid", "province": "79", "level": 2},
    "portal_logins": {"source": "urn:vn:project06:portal:national"},
}


def example_of(kind: Kind) -> dict[str, Any]:
    """Return a valid event of a kind as the JSON document of structured mode."""
    return _example(schema_of(kind.event), kind.name)


def _example(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object with a value for every field of a schema."""
    telling = _TELLING.get(name, {})
    return {
        field: telling.get(field, _example(schema, name) if schema["type"] == "object" else _value(field, schema, name))
        for field, schema in map(_unwrap, schema["properties"].items())
    }


def _unwrap(property_: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Return a field with the schema it has when it is not null."""
    field, schema = property_
    return field, schema.get("anyOf", [schema])[0]


def _value(field: str, schema: dict[str, Any], name: str) -> object:
    """Return a value that a schema of one field allows."""
    if "const" in schema or "enum" in schema:
        return schema.get("const") or schema["enum"][0]
    if field == "subject":
        return EXAMPLE_SUBJECT
    if schema["type"] == "integer":
        return schema["minimum"]
    return {"uuid": str(_uuid7(f"{name} {field}")), "date-time": EXAMPLE_TIME.isoformat()}.get(
        schema.get("format", ""), f"{field} 1"
    )


def _uuid7(seed: str) -> UUID:
    """Return a UUID of version 7 (RFC 9562, section 5.7) whose random bits come from a seed."""
    milliseconds = int(EXAMPLE_TIME.timestamp() * 1000).to_bytes(6)
    random = bytearray(hashlib.sha256(seed.encode()).digest()[:10])
    random[0] = random[0] & 0x0F | 0x70  # four bits of version
    random[2] = random[2] & 0x3F | 0x80  # two bits of variant
    return UUID(bytes=milliseconds + bytes(random))
