"""Why a log does not go on from where recording stands: a closed set, as stored and as a person reads it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Break(StrEnum):
    """One reason."""

    BEGINS_AFTER = "begins_after"
    ENDS_BEFORE = "ends_before"
    OTHER_RECORD = "other_record"
    UNREADABLE = "unreadable"


# In words that fit behind the stored offset.
MEANINGS: Final[Mapping[str, str]] = {
    Break.BEGINS_AFTER: "its log begins after the stored offset: what lay between is gone from Kafka",
    Break.ENDS_BEFORE: "its log ends before the stored offset: it was cut off, or is another topic of the same name",
    Break.OTHER_RECORD: "its log has another record where the last recorded one stood: it is another log",
    Break.UNREADABLE: "a batch of its log cannot be read: its checksum or its length is wrong",
}
