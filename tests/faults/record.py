"""A record as it is published, and how an event is written into one."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from tests.faults.contract import Lane

# What no key or value of the traffic holds: absence must not look like emptiness.
_ABSENT: Final = b"\x00absent"


class Record(NamedTuple):
    """One record on its way to a partition of Kafka.

    fact -- whether it is the one record of its fact that is neither a retry, a repeat nor a conflict.
    reason -- why it must be refused; "" for a valid event.
    """

    lane: Lane
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    fact: bool = False
    reason: str = ""

    @property
    def digest(self) -> int:
        """What names the record in the operation log."""
        return digest_of(self.key, self.value, self.headers)


def digest_of(key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> int:
    """Return 63 bits of a hash of a record: among a few million records two do not share it by chance."""
    hashed = blake2b(_ABSENT if key is None else key, digest_size=8)
    hashed.update(b"\x00" + (_ABSENT if value is None else value))
    for name, content in headers:
        hashed.update(b"\x00" + name.encode() + b"\x00" + content)
    return int.from_bytes(hashed.digest(), "big") >> 1


def write_structured(lane: Lane, attributes: Mapping[str, Any]) -> Record:
    """Write a CloudEvent as the value of a record, its subject as the key."""
    return Record(lane, str(attributes["subject"]).encode(), json.dumps(attributes).encode())


def write_binary(lane: Lane, attributes: Mapping[str, Any]) -> Record:
    """Write a CloudEvent's attributes as headers and its data as the value of a record, its subject as the key."""
    headers = ((f"ce_{name}", str(content).encode()) for name, content in attributes.items() if name != "data")
    value = json.dumps(attributes["data"]).encode()
    return Record(lane, str(attributes["subject"]).encode(), value, (("content-type", b"application/json"), *headers))


def read(value: bytes, headers: tuple[tuple[str, bytes], ...]) -> dict[str, Any]:
    """Return the attributes of a valid event of either mode."""
    document: dict[str, Any] = json.loads(value)
    named = {name[3:]: content.decode() for name, content in headers if name.startswith("ce_")}
    return {**named, "data": document} if named else document
