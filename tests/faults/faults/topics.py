"""Harm to topics: the tallies deleted while everything runs, an input that Kafka begins to compact."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from ledger.sqlstates import ERRORS
from models.topics import INPUTS, TALLIES
from tests.containers.topics import set_input
from tests.faults.faults.fault import Fault
from tests.faults.operator import SETTINGS_SEEN_SECONDS, accept_gaps
from tests.faults.stage import Stage

_SOURCE = TopicPartition(TALLIES.name, 0)

# 2 s: what was sent before the setting changes is acknowledged by then.
_UNDER_WAY_SECONDS: Final = 2.0
# A minute in all: the longest harm to a server lasts a quarter of it.
_TRIES_MAX: Final = 30
_TRY_AGAIN_SECONDS: Final = 2.0
_COUNT_COMPACTED: Final = "SELECT count(*) FROM gap WHERE kind = 'compacted'"


class DeleteTallies(Fault):
    """What the consumers have announced is gone, with the topic."""

    name = "tallies topic deleted"
    harm = "the tallies topic"
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Delete the topic."""
        self._end = await _read_end(stage)
        admin = AIOKafkaAdminClient(bootstrap_servers=stage.cluster.publisher_bootstrap)
        await admin.start()
        try:
            await admin.delete_topics([TALLIES.name])
        finally:
            await admin.close()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say where the topic ended before and ends now, and what else was seen."""
        seen = f"its end was offset {self._end} and is {await _read_end(stage)}"
        return "; ".join([seen, *stage.symptoms(since)])


class CompactInput(Fault):
    """An input is compacted from now on: it is stopped before a record is lost, until a person lets it go on."""

    name = "an input compacted"
    harm = "the settings of topics"
    hold_seconds = (SETTINGS_SEEN_SECONDS, SETTINGS_SEEN_SECONDS + 4)
    _stopped = 0

    async def strike(self, stage: Stage) -> None:
        """Change the setting."""
        self._before = await _count_compacted(stage)
        self._topic = self.random.choice(INPUTS)
        stage.publisher.keyed_only = self._topic.name
        await asyncio.sleep(_UNDER_WAY_SECONDS)
        await set_input(stage.cluster.publisher_bootstrap, self._topic.name, {"cleanup.policy": "compact"})

    async def mend(self, stage: Stage) -> None:
        """Set it right, wait until that is seen, and let go on what was stopped."""
        bootstrap = stage.cluster.publisher_bootstrap
        stage.publisher.keyed_only = None
        await _insist(lambda: set_input(bootstrap, self._topic.name))
        await _insist(lambda: self._note_stopped(stage))
        await asyncio.sleep(SETTINGS_SEEN_SECONDS)
        await _insist(lambda: accept_gaps(stage.database.url, bootstrap))

    async def _note_stopped(self, stage: Stage) -> None:
        self._stopped = await _count_compacted(stage) - self._before

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how many partitions were stopped."""
        seen = f"{self._stopped} partitions of {self._topic.name} stopped"
        return "; ".join([seen, *stage.symptoms(since)]) if self._stopped else ""


async def _insist(do: Callable[[], Awaitable[object]]) -> None:
    """Do what a person does, who tries again while servers are away."""
    for _ in range(_TRIES_MAX):
        with suppress(*ERRORS, KafkaError, RuntimeError):
            await do()
            return
        await asyncio.sleep(_TRY_AGAIN_SECONDS)


async def _count_compacted(stage: Stage) -> int:
    return int((await stage.fetch(_COUNT_COMPACTED))[0][0])


async def _read_end(stage: Stage) -> int:
    """Return the offset at which the topic ends; -1 when there is none."""
    async with AIOKafkaConsumer(bootstrap_servers=stage.cluster.publisher_bootstrap) as consumer:
        if TALLIES.name not in await consumer.topics():
            return -1
        return int((await consumer.end_offsets([_SOURCE]))[_SOURCE])
