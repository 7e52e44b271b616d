"""The topics of the system, the settings that the counting rests on, and the groups that read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from models.catalogue import KINDS

# 8 partitions a topic: with all topics more than the consumer processes that one Postgres can take, and few enough that
# a stream worker holds every page.
PARTITIONS: Final = 8

# A refused record is published with headers of its own: twice the broker's default of 1 MiB.
REFUSED_BYTES_MAX: Final = 2 * 1024 * 1024

# Whoever starts reads a compacted topic from its oldest record. Compaction leaves the active segment alone, so small
# segments (1 min, 16 MiB) keep the topic near one page a source partition instead of the week of the defaults.
COMPACTED: Final = {
    "cleanup.policy": "compact",
    "segment.ms": "60000",
    "segment.bytes": str(16 * 1024 * 1024),
    "min.cleanable.dirty.ratio": "0.1",
}

# The consumer groups that share the inputs, and the tallies.
CONSUMER_GROUP: Final = "onboarding-consumers"
WORKER_GROUP: Final = "onboarding-totals"

# What every topic's name begins with; people may leave it out.
PREFIX: Final = "onboarding."


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it is created."""

    name: str
    partitions: int
    config: Mapping[str, str]


REFUSED: Final = Topic(
    "onboarding.refused.v1",
    PARTITIONS,
    {"max.message.bytes": str(REFUSED_BYTES_MAX), "message.timestamp.type": "LogAppendTime"},
)
# One partition: one stream worker is active, the others stand by.
TALLIES: Final = Topic("onboarding.tallies.v1", 1, COMPACTED)
# Whose totals they are.
CLAIMS: Final = Topic("onboarding.claims.v1", 1, COMPACTED)

# 30 days: how long consumers may be away, or how old the backup of Postgres may be that they go on from.
_RETENTION: Final = {"retention.ms": str(30 * 24 * 3600 * 1000)}
# Whether an event is "in the future" is judged by the broker's clock, so the broker must write the time.
INPUTS: Final = tuple(
    Topic(kind.topic, PARTITIONS, {"message.timestamp.type": "LogAppendTime", **_RETENTION}) for kind in KINDS
)

TOPICS: Final = (*INPUTS, REFUSED, TALLIES, CLAIMS)
