"""Reads an event of a kind, whichever version of its class it is written in."""

from collections.abc import Callable
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Discriminator, TypeAdapter
from pydantic_core import from_json

from models.catalogue import EventClass, Kind
from models.events import Event


@cache
def reader_of(kind: Kind) -> Callable[[bytes], Event]:
    """Return what reads an event of a kind from JSON; it raises ValidationError."""
    if not kind.earlier:
        return kind.event.__pydantic_validator__.validate_json
    every: Any = reduce(or_, kind.versions.values())
    return TypeAdapter(Annotated[every, Discriminator("type")]).validate_json


def read(kind: Kind, document: bytes) -> Event:
    """Read an event of a kind from a JSON object.

    Raises ValidationError, with what is wrong in the version that the object says it is written in.
    """
    version = _version_of(kind, document) if kind.earlier else kind.event
    return version.model_validate_json(document)


def _version_of(kind: Kind, document: bytes) -> EventClass:
    """Return the class of the type that a document names; the newest where it names none."""
    try:
        parsed = from_json(document)
    except ValueError:
        return kind.event
    named = parsed.get("type") if isinstance(parsed, dict) else None
    return kind.versions.get(named, kind.event) if isinstance(named, str) else kind.event
