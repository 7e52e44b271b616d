"""Which ledger a database holds, what it is bound to, and in which incarnation it lives."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from models.claim import Claim

_IDENTITY: Final = "ledger, generation, coalesce(environment, ''), coalesce(kafka_cluster, '')"
_READ: Final = f"SELECT {_IDENTITY} FROM ledger_binding ORDER BY id DESC LIMIT 1"  # noqa: S608 - our own words
_READ_ALL: Final = f"SELECT {_IDENTITY}, bound_at, bound_by, why FROM ledger_binding ORDER BY id DESC"  # noqa: S608
_BIND: Final = """
INSERT INTO ledger_binding (ledger, generation, environment, kafka_cluster, bound_by, why)
VALUES ($1, $2, $3, $4, $5, $6)"""

# The start of the server, and database and file of one of our tables: after a restore, a promotion or a copy not all of
# them are the same.
_THIS_INCARNATION: Final = """pg_postmaster_start_time(), (
    SELECT oid || '/' || pg_relation_filenode('ledger_epoch') FROM pg_database WHERE datname = current_database())"""
_NEWEST: Final = f"""
SELECT coalesce(incarnation, epoch), epoch,
    (server_started_at, storage) IS NOT DISTINCT FROM ({_THIS_INCARNATION}) AS is_present
FROM ledger_epoch ORDER BY epoch DESC LIMIT 1"""  # noqa: S608 - our own words

# Any number that nothing else in the database uses. One process begins an epoch, the others wait for it; who takes over
# meanwhile waits, too, so that no source partition is left in the epoch before.
LOCK_EPOCHS: Final = "SELECT pg_advisory_xact_lock(6062025)"
KEEP_EPOCH: Final = "SELECT pg_advisory_xact_lock_shared(6062025)"
# Seconds since 1970, as the first epoch, and greater than any that this ledger is known to have had.
_BEGIN: Final = f"""
INSERT INTO ledger_epoch (epoch, incarnation, why, server_started_at, storage)
SELECT begun.epoch, begun.epoch, 'another start of the server', {_THIS_INCARNATION}
FROM (SELECT greatest(max(epoch) + 1, extract(epoch FROM clock_timestamp())::bigint, $1 + 1) AS epoch
    FROM ledger_epoch) AS begun"""  # noqa: S608 - our own words
# Who binds a ledger that is new, and why.
_FIRST: Final = ("the first consumer", "where it began")


class Identity(NamedTuple):
    """Which ledger it is, and what it is bound to; "" until its first consumer has begun."""

    ledger: UUID
    generation: int
    environment: str
    kafka_cluster: str

    @property
    def is_bound(self) -> bool:
        """Whether it belongs to an environment and a Kafka cluster."""
        return bool(self.environment)


class Binding(NamedTuple):
    """One decision about what a ledger is bound to."""

    identity: Identity
    bound_at: datetime
    bound_by: str
    why: str


async def read_bindings(connection: asyncpg.Connection) -> list[Binding]:
    """Return how the ledger came to what it is, the newest decision first."""
    return [Binding(Identity(*row[:4]), *row[4:]) for row in map(tuple, await connection.fetch(_READ_ALL))]


async def read_identity(connection: asyncpg.Connection) -> Identity:
    """Return which ledger this is."""
    return Identity(*await connection.fetchrow(_READ))


async def bind(connection: asyncpg.Connection, identity: Identity, by: str, why: str) -> None:
    """Let a ledger be what a person says, or what its first consumer finds; the rows before stay as its history."""
    await connection.execute(_BIND, *identity, by, why)


async def bind_new(connection: asyncpg.Connection, environment: str, cluster: str) -> Identity:
    """Bind a ledger that is new to where its first consumer finds itself; return which ledger it is.

    Of two that start at once, one binds it, and the other reads to what.
    """
    async with connection.transaction():
        await connection.execute(LOCK_EPOCHS)
        identity = await read_identity(connection)
        if not identity.is_bound:
            identity = identity._replace(environment=environment, kafka_cluster=cluster)
            await bind(connection, identity, *_FIRST)
    return identity


async def make_claim(connection: asyncpg.Connection, identity: Identity) -> Claim | None:
    """Return what this ledger claims; None until an incarnation is begun, by `begin_incarnation`, for its server."""
    incarnation, epoch, is_present = await connection.fetchrow(_NEWEST)
    if not is_present:
        return None
    return Claim(
        ledger=identity.ledger,
        environment=identity.environment,
        generation=identity.generation,
        incarnation=incarnation,
        epoch=epoch,
    )


async def begin_incarnation(connection: asyncpg.Connection, above: int) -> None:
    """Begin an epoch, where another process has not done so: a server that was started may have lost what was shown.

    above -- the newest epoch that this ledger is known to have had
    """
    async with connection.transaction():
        await connection.execute(LOCK_EPOCHS)
        incarnation, _epoch, is_present = await connection.fetchrow(_NEWEST)
        if not is_present or incarnation <= above:
            await connection.execute(_BEGIN, above)
