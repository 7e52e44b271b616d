"""Harm from inside the database: a session that deadlocks with a consumer, a rule that no transaction passes."""

import asyncio
from typing import Any, Final

import asyncpg

from tests.faults.contract import KINDS
from tests.faults.faults.fault import Fault, describe
from tests.faults.faults.postgres import DatabaseFault
from tests.faults.stage import NotStruckError, Stage

# 30 s: a consumer writes to every busy partition several times a second.
_SEARCH_SECONDS_MAX: Final = 30.0
# 2 ms: the saboteur must ask before the consumer looks for deadlocks, 100 ms after it began to wait.
_LOOK_SECONDS: Final = 0.002
# The server looks for deadlocks when the one who waits has done so for this long: first the consumer (100 ms).
_PATIENCE: Final = "SET deadlock_timeout = '10s'"
_BUSIEST: Final = "SELECT topic, kafka_partition FROM progress ORDER BY revision DESC LIMIT 1"
_LOCK_TALLIES: Final = "SELECT FROM tally WHERE topic = $1 AND kafka_partition = $2 FOR UPDATE"
_IS_AWAITED: Final = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid)))"
_LOCK_PROGRESS: Final = "SELECT FROM progress WHERE topic = $1 AND kafka_partition = $2 FOR UPDATE"
_DEADLOCKS: Final = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"

_RAISE: Final = """
CREATE OR REPLACE FUNCTION refuse_to_serialize() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not serialize access, on purpose' USING ERRCODE = 'serialization_failure'; END $$"""
_ADD_TRIGGER: Final = """
CREATE OR REPLACE TRIGGER refuse_to_serialize BEFORE INSERT ON tally
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_serialize()"""
# 300 ms a row: of each kind, what comes in a second takes four, and soon longer than the ten that a statement may.
_ROW_SECONDS: Final = 0.3
_DAWDLE: Final = """
CREATE OR REPLACE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep({}); RETURN NEW; END $$"""
_ADD_DAWDLER: Final = "CREATE OR REPLACE TRIGGER dawdle BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION dawdle()"
_DROP_FUNCTION: Final = "DROP FUNCTION IF EXISTS refuse_to_serialize CASCADE"


class Deadlock(Fault):
    """A session holds tallies and asks for progress; the consumer holds progress and asks for those tallies."""

    name = "deadlock"
    harm = DatabaseFault.harm
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Lock the tallies of the busiest partition, wait until a consumer wants them, and ask for its progress."""
        self._logged, self._deadlocks = stage.measure_logs(), await _count_deadlocks(stage)
        saboteur, spy = await stage.connect(), await stage.connect()
        try:
            async with asyncio.timeout(_SEARCH_SECONDS_MAX), saboteur.transaction():
                await _embrace(saboteur, spy)
        except TimeoutError:
            raise NotStruckError("no consumer asked for the tallies that were locked") from None
        finally:
            saboteur.terminate()
            spy.terminate()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say which errors consumers met, and how many deadlocks the server has counted."""
        del since
        counted = await _count_deadlocks(stage) - self._deadlocks
        errors = describe(stage.errors_since(self._logged))
        return f"{errors}; {counted} counted by Postgres" if "DeadlockDetectedError" in errors else ""


async def _embrace(saboteur: asyncpg.Connection, spy: asyncpg.Connection) -> None:
    """Come into a deadlock with a consumer, which Postgres resolves at the consumer's cost."""
    place = tuple((await spy.fetch(_BUSIEST))[0])
    await saboteur.execute(_PATIENCE)
    await saboteur.execute(_LOCK_TALLIES, *place)
    while not await spy.fetchval(_IS_AWAITED, saboteur.get_server_pid()):  # noqa: ASYNC110 - seen from outside, nobody tells us
        await asyncio.sleep(_LOOK_SECONDS)
    await saboteur.execute(_LOCK_PROGRESS, *place)


async def _count_deadlocks(stage: Stage) -> Any:
    return (await stage.fetch(_DEADLOCKS))[0][0]


class RefuseToSerialize(Fault):
    """Every transaction that counts something fails with a serialization error."""

    name = "serialization errors"
    harm = DatabaseFault.harm
    hold_seconds = (2.0, 6.0)

    async def strike(self, stage: Stage) -> None:
        """Add a trigger that raises it."""
        self._logged = stage.measure_logs()
        await stage.fetch(_RAISE)
        await stage.fetch(_ADD_TRIGGER)

    async def mend(self, stage: Stage) -> None:
        """Drop the trigger."""
        await stage.fetch(_DROP_FUNCTION)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say which errors consumers met."""
        del since
        errors = describe(stage.errors_since(self._logged))
        return errors if "SerializationError" in errors else ""


class SlowDatabase(Fault):
    """Every fact takes so long to insert that a batch does not come through in the time it has."""

    name = "a slow Postgres"
    harm = DatabaseFault.harm
    hold_seconds = (20.0, 25.0)  # the first batches grow for some seconds, and one of them is given up after ten

    async def strike(self, stage: Stage) -> None:
        """Add triggers that sleep."""
        self._logged = stage.measure_logs()
        await stage.fetch(_DAWDLE.format(_ROW_SECONDS))
        for kind in KINDS:
            await stage.fetch(_ADD_DAWDLER.format(kind.table))

    async def mend(self, stage: Stage) -> None:
        """Let them sleep no more; to drop them would wait for the transactions that hold the tables."""
        await stage.fetch(_DAWDLE.format(0))

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say which errors consumers met, and what else was seen."""
        return "; ".join(filter(None, [describe(stage.errors_since(self._logged)), *stage.symptoms(since)]))
