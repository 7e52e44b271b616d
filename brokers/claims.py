"""Follows the claims of ledgers on a Kafka cluster, each of which is a record that is written again every second."""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Final, NamedTuple, NoReturn

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from brokers.clients import open_admin, open_consumer
from models.claim import Claim, greatest
from models.topics import CLAIMS
from models.verdicts import judge as judge_input

_log = logging.getLogger(__name__)

RENEW_SECONDS: Final = 1.0
# 3 s: two renewals may be lost. Whoever takes over waits so long, and a recovery is promised within ten.
LIFE_SECONDS: Final = 3.0
_SOURCE: Final = TopicPartition(CLAIMS.name, 0)
_WAIT_MILLISECONDS: Final = 500
# 0.2 s: a topic that was just created has a leader after a few tenths of a second.
_RETRY_SECONDS: Final = 0.2
# 10 s: the topic holds some records of 200 bytes.
_OBSERVE_SECONDS_MAX: Final = 10.0


class Claims:
    """The claim that counts on a Kafka cluster, as far as it was read, and whether it lives."""

    def __init__(self) -> None:
        self._holder: Claim | None = None
        self._heard_at = 0.0
        self._caught_up = asyncio.Event()
        self._changed = asyncio.Condition()
        self._following: asyncio.Task[NoReturn] | None = None

    def start(self, bootstrap: str) -> None:
        """Begin to follow the topic, which must exist by now, until `stop`."""
        self._following = asyncio.create_task(self.follow(bootstrap))

    def stop(self) -> None:
        """Follow it no more."""
        if self._following:
            self._following.cancel()

    @property
    def holder(self) -> Claim | None:
        """The claim that counts; None where none was ever made."""
        return self._holder

    @property
    def lives(self) -> bool:
        """Whether it was written within the last three seconds, or read for the first time."""
        return self._holder is not None and time.monotonic() - self._heard_at < LIFE_SECONDS

    async def catch_up(self) -> None:
        """Wait until everything is known that stood there when this began to follow."""
        await self._caught_up.wait()

    async def await_rank(self, claim: Claim) -> None:
        """Wait until a claim of ours, or a greater one, is read back."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._holder is not None and self._holder.rank >= claim.rank)

    async def follow(self, bootstrap: str) -> NoReturn:
        """Read until cancelled; waits for Kafka while it is away, and begins again where the topic was made anew."""
        while True:
            try:
                async with open_consumer(bootstrap, auto_offset_reset="earliest") as consumer:
                    await self._read(consumer)
            except (KafkaError, TimeoutError) as error:
                _log.warning("the claims of ledgers are read again: %s", type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _read(self, consumer: AIOKafkaConsumer) -> NoReturn:
        """Take in every claim from the first one on."""
        consumer.assign([_SOURCE])
        await consumer.seek_to_beginning(_SOURCE)
        end = (await consumer.end_offsets([_SOURCE]))[_SOURCE]
        while True:
            if await consumer.position(_SOURCE) >= end:
                self._caught_up.set()
            for records in (await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS)).values():
                await self._take(records)

    async def _take(self, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """Take in records of the topic; what is no claim is passed over."""
        for record in records:
            claim = read_claim(record.value)
            if claim is not None:
                self._holder = greatest(self._holder, claim)
                if self._holder is claim:
                    self._heard_at = time.monotonic()
        async with self._changed:
            self._changed.notify_all()


def read_claim(value: bytes | None) -> Claim | None:
    """Read a claim; None where a stranger wrote something else."""
    return judge_input(lambda: Claim.model_validate_json(value or b""), lambda _error: None)


async def read_cluster_id(bootstrap: str) -> str:
    """Return the id that a Kafka cluster was given when it was made. Raises aiokafka.errors.KafkaError."""
    async with open_admin(bootstrap) as admin:
        return str((await admin.describe_cluster())["cluster_id"])


class Observed(NamedTuple):
    """What is claimed on a Kafka cluster."""

    cluster: str
    holder: Claim | None
    lives: bool  # whether it is still renewed


async def observe(bootstrap: str, seconds: float = LIFE_SECONDS) -> Observed:
    """Read what is claimed, and watch whether it is renewed; whether it lives is known after the time that it lives.

    Raises aiokafka.errors.KafkaError, and TimeoutError where the topic cannot be read.
    """
    cluster, claims = await read_cluster_id(bootstrap), Claims()
    following = asyncio.create_task(claims.follow(bootstrap))
    try:
        await asyncio.wait_for(claims.catch_up(), _OBSERVE_SECONDS_MAX)
        await asyncio.sleep(seconds)
        return Observed(cluster, claims.holder, claims.lives)
    finally:
        following.cancel()
        await asyncio.wait([following])
