"""What was seen in the end: facts and refusals in Postgres, batches in Kafka."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from models.catalogue import KINDS, Kind
from tests.integration.system import System
from tests.interop.batches import Batch, read_batches


class Fact(NamedTuple):
    """A row of a ledger table."""

    event_id: str
    business_key: str
    occurred_at: datetime
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was refused, as it was sent."""

    reason: str
    field: str
    value: bytes
    headers: tuple[tuple[bytes, bytes | None], ...]

    def holds(self, event_id: str) -> bool:
        """Tell whether it is that of an event: in structured mode its id is in the value, in binary in a header."""
        return any(event_id.encode() in (text or b"") for text in (self.value, *dict(self.headers).values()))

    def describe(self) -> str:
        """Return reason, headers and value on one line."""
        headers = ", ".join(f"{name.decode()}={value!r}" for name, value in self.headers)
        return f"{self.reason} ({self.field}): headers {headers}; value {self.value!r}"


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything at one moment."""

    facts: Sequence[Fact]
    refusals: Sequence[Refusal]
    batches: Sequence[Batch]


async def look(system: System) -> Seen:
    """Read ledger, refusals and logs."""
    facts = [fact for kind in KINDS for fact in await _read_facts(system, kind)]
    return Seen(facts, await _read_refusals(system), await read_batches(system.bootstrap))


async def _read_facts(system: System, kind: Kind) -> list[Fact]:
    columns = f"event_id::text, {kind.business_key}::text, occurred_at"
    rows = await system.fetch(f"SELECT {columns}, $1, kafka_partition, kafka_offset FROM {kind.table}", kind.topic)
    return [Fact(*row) for row in rows]


async def _read_refusals(system: System) -> list[Refusal]:
    rows = await system.fetch("SELECT reason, field, value, header_names, header_values FROM refused ORDER BY id")
    return [
        Refusal(row["reason"], row["field"], row["value"] or b"", tuple(zip(*row[3:], strict=True))) for row in rows
    ]
