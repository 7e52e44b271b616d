"""What upstream systems do otherwise: a storm of duplicates out of order, transactions that end in every way."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition

from models.topics import INPUTS
from tests.faults.faults.fault import Fault
from tests.faults.stage import Stage

# 600 records: a few seconds' worth of the run's own traffic, at once.
_STORM_RECORDS: Final = 600
_TRANSACTION_RECORDS: Final = 60
_LOOK_SECONDS: Final = 0.2
# 60 s: brokers abort a transaction 10 to 20 s after its last word.
_ABORT_SECONDS_MAX: Final = 60.0
_DUPLICATES: Final = "SELECT coalesce(sum(retries + repeats + conflicts), 0)::bigint FROM progress"
# Offsets that hold nothing for a reader of committed records: markers, and what was aborted.
_PASSED_OVER: Final = "SELECT coalesce(sum(next_offset - consumed), 0)::bigint FROM progress"
_SOURCES: Final = [TopicPartition(topic.name, number) for topic in INPUTS for number in range(topic.partitions)]


class PublishingFault(Fault):
    """Something published on top of the steady traffic."""

    harm: ClassVar[str] = "publishing"


class Storm(PublishingFault):
    """Events published up to three times each and out of order, all at once."""

    name = "duplicated and reordered publishing"
    hold_seconds = (2.0, 2.0)

    async def strike(self, stage: Stage) -> None:
        """Publish them."""
        self._before = await _count(stage, _DUPLICATES)
        await stage.publisher.storm(_STORM_RECORDS)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how many duplicates were recorded."""
        del since
        found = await _count(stage, _DUPLICATES) - self._before
        return f"{found} duplicates recorded" if found else ""


class TransactionFault(PublishingFault):
    """Records published in one transaction."""

    ending: ClassVar[Literal["commit", "abort", "open"]]

    async def strike(self, stage: Stage) -> None:
        """Publish them."""
        self._before = await _count(stage, _PASSED_OVER)
        await stage.publisher.transaction(_TRANSACTION_RECORDS, self.ending)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say over how many offsets recording has passed that hold no record for it."""
        del since
        passed = await _count(stage, _PASSED_OVER) - self._before
        return f"{passed} offsets of markers and aborted records passed over" if passed else ""


class Commit(TransactionFault):
    """A transaction that is committed."""

    name = "transaction committed"
    ending = "commit"


class Abort(TransactionFault):
    """A transaction that is aborted."""

    name = "transaction aborted"
    ending = "abort"


class LeaveOpen(TransactionFault):
    """A transaction that its publisher leaves open: nobody reads past it until Kafka aborts it."""

    name = "transaction left open until Kafka aborts it"
    ending = "open"

    async def mend(self, stage: Stage) -> None:
        """Wait until Kafka has aborted it."""
        began_at, bootstrap = time.monotonic(), stage.cluster.publisher_bootstrap
        ends = await _read_ends(bootstrap, "read_uncommitted")
        async with asyncio.timeout(_ABORT_SECONDS_MAX):
            while _is_behind(await _read_ends(bootstrap, "read_committed"), ends):  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(_LOOK_SECONDS)
        self._seconds = time.monotonic() - began_at

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say when Kafka aborted it, and what was passed over."""
        return f"aborted by Kafka after {self._seconds:.0f} s; {await super().name_effect(stage, since)}"


async def _count(stage: Stage, query: str) -> int:
    return int((await stage.fetch(query))[0][0])


async def _read_ends(bootstrap: str, isolation: str) -> Mapping[TopicPartition, Any]:
    """Return how far a reader may read in every source partition."""
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level=isolation) as consumer:
        return dict(await consumer.end_offsets(_SOURCES))


def _is_behind(stable: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]) -> bool:
    return any(stable[source] < end for source, end in ends.items())
