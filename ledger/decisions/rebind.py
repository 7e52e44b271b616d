"""A person's word on which Kafka cluster and environment a ledger belongs to: taken over, or a copy made its own."""

from uuid import uuid4

import asyncpg

from ledger.identity import Identity, bind, read_identity
from models.claim import Claim


class NotReboundError(Exception):
    """It must not be done now; the message says why, and what to do."""


async def adopt(
    connection: asyncpg.Connection, holder: Claim | None, place: tuple[str, str], signed: tuple[str, str]
) -> Identity:
    """Let this ledger's totals be the ones of a Kafka cluster from now on, whoever held the claim before.

    holder -- whose claim counts there; the caller has seen that it is not renewed any more
    place -- environment, and id of the Kafka cluster
    signed -- by whom, and why
    """
    identity = await read_identity(connection)
    return await _rebind(connection, identity._replace(generation=_generation(identity, holder)), place, signed)


async def fork(connection: asyncpg.Connection, place: tuple[str, str], signed: tuple[str, str]) -> Identity:
    """Let this copy of a ledger be another ledger from now on; it takes no Kafka cluster from anybody.

    Raises NotReboundError where there is nothing to part from.
    """
    identity = await read_identity(connection)
    if not identity.is_bound:
        raise NotReboundError(
            "this ledger is new and belongs to nobody: its first consumer binds it to where it begins"
        )
    return await _rebind(connection, identity._replace(ledger=uuid4(), generation=1), place, signed)


def _generation(identity: Identity, holder: Claim | None) -> int:
    """Return the generation in which this ledger goes before the one that holds the claim."""
    if holder is None or holder.ledger == identity.ledger:
        return max(identity.generation, holder.generation if holder else 1)
    return max(identity.generation, holder.generation + 1)


async def _rebind(
    connection: asyncpg.Connection, identity: Identity, place: tuple[str, str], signed: tuple[str, str]
) -> Identity:
    """Write the next row of the history."""
    environment, cluster = place
    bound = identity._replace(environment=environment, kafka_cluster=cluster)
    await bind(connection, bound, *signed)
    return bound
