"""Why a log does not go on from where recording stands: a closed set, as stored and as a person reads it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from models.visible import visible


class Break(StrEnum):
    """Why a log does not go on."""

    BEGINS_AFTER = "begins_after"
    ENDS_BEFORE = "ends_before"
    OTHER_RECORD = "other_record"
    UNREADABLE = "unreadable"
    PROGRAM_FAILS = "program_fails"
    COMPACTED = "compacted"


class Flaw(StrEnum):
    """What is wrong with a batch that cannot be read."""

    LENGTH = "length"
    CHECKSUM = "checksum"
    FORMAT = "format"
    TOO_LARGE = "too_large"
    PACKED = "packed"
    RECORDS = "records"
    BROKER = "broker"


# In words that fit behind "a batch of its log cannot be read: ".
FLAWS: Final[Mapping[str, str]] = {
    Flaw.LENGTH: "its length is wrong",
    Flaw.CHECKSUM: "its checksum is wrong: it was changed after a producer wrote it",
    Flaw.FORMAT: "it is of a format before Kafka 0.11, or of one to come",
    Flaw.TOO_LARGE: "it unpacks to more than 16 MiB",
    Flaw.PACKED: "it is packed in a way that this program does not read",
    Flaw.RECORDS: "its records are not as its header says",
    Flaw.BROKER: "the broker that leads the partition cannot read it itself",
}

# In words that fit behind the stored offset.
MEANINGS: Final[Mapping[str, str]] = {
    Break.BEGINS_AFTER: "its log begins after the stored offset: what lay between is gone from Kafka",
    Break.ENDS_BEFORE: "its log ends before the stored offset: it was cut off, or is another topic of the same name",
    Break.OTHER_RECORD: "its log has another record where the last recorded one stood: it is another log",
    Break.UNREADABLE: "a batch of its log cannot be read",
    Break.PROGRAM_FAILS: "this program fails over the record there, alone and again",
    Break.COMPACTED: "its topic is compacted: Kafka removes records that have the key of a later one",
}

# What a person does about it, behind the meaning.
REMEDIES: Final[Mapping[str, str]] = {
    Break.PROGRAM_FAILS: "Set it aside with `onboarding set-aside`, or try it again with `onboarding accept-gap`.",
    Break.COMPACTED: (
        "Set cleanup.policy of the topic to delete, as `onboarding doctor` says; after half a minute let it go on with "
        "`onboarding accept-gap`. What is gone must be published again."
    ),
}
_REMEDY: Final = "Records may be missing: find out why, then let it go on with `onboarding accept-gap`."


def advise(kind: str) -> str:
    """Say what to do about a log that does not go on."""
    return REMEDIES.get(kind, _REMEDY)


def explain(kind: str, flaw: str | None, detail: str) -> str:
    """Say what is wrong with a log, in words that fit behind the stored offset."""
    return f"{MEANINGS[kind]}{f': {FLAWS[flaw]}' if flaw else ''}{f' ({visible(detail)})' if detail else ''}"
