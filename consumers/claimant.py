"""Holds the claim of this process's ledger on a Kafka cluster: before anything is recorded, and as long as it is."""

import asyncio
import logging
from typing import NoReturn

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from brokers.claims import LIFE_SECONDS, RENEW_SECONDS, Claims
from ledger.connection import Postgres
from ledger.identity import Identity, begin_incarnation, bind_new, make_claim, read_identity
from ledger.sqlstates import ERRORS, name_wait
from models.claim import Claim, Standing, judge
from models.topics import CLAIMS
from runtime.ending import StartError

_log = logging.getLogger(__name__)


class NotOursError(StartError):
    """The ledger, the Kafka cluster and the environment do not belong together: a person has to say which do."""


class ClaimBusyError(Exception):
    """Another one holds the claim and lives; the message says who. This passes."""


class Claimant:
    """The claim of one process.

    claims -- what is claimed on the Kafka cluster; followed by the caller
    cluster -- the id of that Kafka cluster
    """

    def __init__(self, producer: AIOKafkaProducer, claims: Claims, cluster: str, environment: str) -> None:
        self._producer = producer
        self._claims = claims
        self._cluster = cluster
        self._environment = environment
        self._held: Claim | None = None

    async def hold(self, connection: asyncpg.Connection) -> Claim:
        """Return the claim, made in Kafka for the present incarnation of the ledger; binds a ledger that is new.

        Raises NotOursError, ClaimBusyError, and what Kafka or Postgres raise when they are away.
        """
        identity = await self._identify(connection)
        await self._claims.catch_up()
        holder, claim = self._claims.holder, await make_claim(connection, identity)
        if claim is None or (holder and holder.ledger == claim.ledger and holder.incarnation > claim.incarnation):
            claim = await self._begin(connection, identity, holder)
        if claim.rank != (self._held and self._held.rank):
            await self._make(claim)
        self._held = claim
        return claim

    async def _identify(self, connection: asyncpg.Connection) -> Identity:
        """Return which ledger this is. Raises NotOursError where it is bound to something else."""
        identity = await read_identity(connection)
        if not identity.is_bound:
            identity = await bind_new(connection, self._environment, self._cluster)
        if identity.environment != self._environment:
            raise NotOursError(
                f"this ledger is of environment {identity.environment}, and ONBOARDING_ENVIRONMENT says "
                f"{self._environment}: a copy needs a name of its own, see onboarding ledger fork"
            )
        if identity.kafka_cluster != self._cluster:
            raise NotOursError(
                f"this ledger records Kafka cluster {identity.kafka_cluster}, and KAFKA_BOOTSTRAP_SERVERS leads to "
                f"{self._cluster}: if that replaces it, see onboarding ledger adopt"
            )
        return identity

    async def _begin(self, connection: asyncpg.Connection, identity: Identity, holder: Claim | None) -> Claim:
        """Begin an incarnation above every one that is known of this ledger, once the one before has ended."""
        known = holder.epoch if holder and holder.ledger == identity.ledger else 0
        if known and self._claims.lives:
            raise ClaimBusyError(f"an earlier start of this ledger's server, or a copy of it ({_age_rule()})")
        await begin_incarnation(connection, known)
        claim = await make_claim(connection, identity)
        if claim is None:
            raise ClaimBusyError("the server of the ledger to be the one that it was a moment ago")
        return claim

    async def _make(self, claim: Claim) -> None:
        """Claim the Kafka cluster where that may be done. Raises as `hold` does."""
        self._judge(claim, {Standing.OURS, Standing.FREE})
        await self._send(claim)
        await asyncio.wait_for(self._claims.await_rank(claim), LIFE_SECONDS)
        self._judge(claim, {Standing.OURS})

    def _judge(self, claim: Claim, good: set[Standing]) -> None:
        """Raise NotOursError or ClaimBusyError where a claim stands otherwise beside the one that counts."""
        holder = self._claims.holder
        standing = judge(claim, holder, lives=self._claims.lives)
        if standing in good:
            return
        who = holder.describe() if holder else "nobody"
        if standing is Standing.REFUSED:
            raise NotOursError(
                f"the totals on Kafka cluster {self._cluster} are those of {who}, and this is {claim.describe()}: "
                "see onboarding ledger adopt"
            )
        raise ClaimBusyError(f"the claim of {who} to end ({_age_rule()})")

    async def keep(self, postgres: Postgres) -> NoReturn:
        """Renew the claim as long as Postgres answers and is the server that it was made for.

        Raises NotOursError once another one holds it.
        """
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            self._check_held()
            try:
                await self._renew(await postgres.connection())
            except (KafkaError, *ERRORS) as error:
                if not isinstance(error, KafkaError):
                    postgres.drop()
                    if not name_wait(error):
                        raise
                _log.warning("the claim of the ledger is not renewed: %s", type(error).__name__)

    @property
    def superseded(self) -> bool:
        """Whether our ledger has begun another incarnation since: its claim is to be held anew, if it is this server's.

        Another process of ours was faster after the server's start; or it is a copy, and then this one must wait.
        """
        greater = self._greater
        return bool(greater and self._held and greater.ledger == self._held.ledger)

    @property
    def _greater(self) -> Claim | None:
        """The claim that counts, where it is greater than ours."""
        holder = self._claims.holder
        return holder if self._held and holder and holder.rank > self._held.rank else None

    def _check_held(self) -> None:
        """Raise NotOursError when another ledger has made a greater claim than ours."""
        greater = self._greater
        if greater and not self.superseded:
            raise NotOursError(f"the totals on Kafka cluster {self._cluster} are those of {greater.describe()} by now")

    async def _renew(self, connection: asyncpg.Connection) -> None:
        """Write the claim again, with the newest epoch."""
        claim = await make_claim(connection, await read_identity(connection))
        if claim and self._held and claim.rank == self._held.rank:
            await self._send(claim)

    async def _send(self, claim: Claim) -> None:
        """Write a claim, and wait until Kafka has it."""
        value = claim.model_dump_json().encode()
        await self._producer.send_and_wait(CLAIMS.name, partition=0, key=claim.key, value=value)


def _age_rule() -> str:
    return f"it lives, and ends {LIFE_SECONDS:g} s after it was last renewed"
