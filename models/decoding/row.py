"""A fact as its ledger table keeps it: what stands where in a row, said once for all who make or read one."""

from operator import itemgetter
from typing import Any, Final

from models.catalogue import Kind

# Business key, event id and content; then the partition and the offset of its record, and when the broker appended it.
Row = tuple[Any, ...]

_CONTENT: Final = ("subject", "occurred_at", "source")
_PLACE: Final = ("kafka_partition", "kafka_offset", "appended_at")

key_of: Final = itemgetter(0)
event_id_of: Final = itemgetter(1)
content_of: Final = itemgetter(slice(2, -len(_PLACE)))  # what two facts of one key must both say to be the same
place_of: Final = itemgetter(slice(-len(_PLACE), None))


def described_by(kind: Kind) -> tuple[str, ...]:
    """Return the columns that tell one fact of a kind from another: key, event id and content."""
    return (kind.business_key, "event_id", *_CONTENT, *kind.dimensions, *kind.details)
