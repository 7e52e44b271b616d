"""Harm to one consumer: killed, asked to end, frozen for longer than its session or with locks in hand, replaced."""

import asyncio
from typing import ClassVar, Final

import asyncpg

from tests.faults.child import Child
from tests.faults.crew import CONSUME
from tests.faults.faults.processes import Freeze, Kill, ProcessFault, Terminate, judge
from tests.faults.stage import NotStruckError, Owners, Stage
from tests.faults.witness import Source

# 30 s: about a hundred attempts to stop a consumer inside its transaction.
_SEARCH_SECONDS_MAX: Final = 30.0
# 0.15 s: ten times what a transaction of a few hundred records takes; one that is open for longer stands still.
_STANDSTILL_SECONDS: Final = 0.15
_FIND_STANDSTILL: Final = """
SELECT pid, xact_start, query FROM pg_stat_activity AS session
WHERE application_name = 'onboarding-consumer' AND xact_start < clock_timestamp() - make_interval(secs => $1)
    AND (state LIKE 'idle in transaction%' OR wait_event = 'ClientRead') AND EXISTS (
        SELECT FROM pg_locks WHERE pg_locks.pid = session.pid AND granted
            AND relation = 'progress'::regclass AND mode = 'RowExclusiveLock')"""


class ConsumerFault(ProcessFault):
    """Harm after which other sessions own the victim's partitions."""

    harm: ClassVar[str] = "a consumer"

    async def choose(self, stage: Stage) -> Child:
        """Choose the victim and take down who owns what."""
        candidates = [child for child in stage.crew.consumers if stage.witness.owned.get(child.name)]
        if not candidates:
            raise NotStruckError("no consumer owns a partition")
        victim = self.random.choice(candidates)
        self.note(victim.name, stage.witness.owned[victim.name], await stage.owners())
        return victim

    def note(self, name: str, owned: frozenset[Source], owners: Owners) -> None:
        """Take down what the victim owned, and in which session."""
        self.old_owner, self._source = name, min(owned)
        self._owned, self._owners = owned, owners

    async def see_successors(self, stage: Stage) -> str:
        """Say how many of the victim's partitions another session owns by now, and name one's new owner."""
        self.new_owner = stage.witness.owner_of(self._source)
        now = await stage.owners()
        moved = sum(now.get(source) != self._owners.get(source) for source in self._owned)
        return f"{moved} partitions have a new owner" if moved else ""


class KillConsumer(ConsumerFault, Kill):
    """Two others take over, or the same one once it is back."""

    name = "SIGKILL of a consumer"


class TerminateConsumer(ConsumerFault, Terminate):
    """It hands over what is recorded, and leaves."""

    name = "SIGTERM of a consumer"


class FreezeConsumer(ConsumerFault, Freeze):
    """When it wakes up, its partitions are recorded by others."""

    name = "SIGSTOP of a consumer for longer than its session"


class FreezeConsumerInTransaction(FreezeConsumer):
    """SIGSTOP between claim and COMMIT: its row locks outlast every time-out of Postgres."""

    name = "SIGSTOP of a consumer inside its transaction"
    # The next owner waits for its locks for another second before it ends the session that holds them.
    hold_seconds = (10.0, 13.0)

    async def strike(self, stage: Stage) -> None:
        """Stop it again and again until it stands still with locks in hand."""
        self.victim = await self.choose(stage)
        connection = await stage.connect()
        try:
            async with asyncio.timeout(_SEARCH_SECONDS_MAX):
                self._statement = await self._stop_inside(connection)
        except BaseException as error:
            self.victim.thaw()
            if isinstance(error, TimeoutError):
                raise NotStruckError("the consumer was never stopped inside a transaction") from None
            raise
        finally:
            connection.terminate()

    async def _stop_inside(self, connection: asyncpg.Connection) -> str:
        """Return the statement at which the victim stands still."""
        while True:
            self.victim.freeze()
            await asyncio.sleep(2 * _STANDSTILL_SECONDS)
            if rows := await connection.fetch(_FIND_STANDSTILL, _STANDSTILL_SECONDS):
                return " ".join(rows[0]["query"].split()[:4])
            self.victim.thaw()
            await asyncio.sleep(self.random.uniform(0.005, 0.1))

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say where it stood and what others took over."""
        seen = await super().name_effect(stage, since)
        return f"stood after {self._statement!r} with locks on progress; {seen}" if seen else ""


class ReplaceConsumer(ConsumerFault):
    """Two rebalances: a consumer joins, and later the oldest one leaves."""

    name = "a consumer added, another removed"
    hold_seconds = (2.0, 6.0)

    async def strike(self, stage: Stage) -> None:
        """Add one."""
        await self.choose(stage)
        self._oldest = stage.crew.consumers[0]
        self._added = await stage.crew.add(CONSUME)

    async def mend(self, stage: Stage) -> None:
        """Remove the oldest."""
        self._seen = await self.see_successors(stage)
        if self._oldest not in stage.crew.consumers:
            raise NotStruckError("another fault has removed the oldest consumer")
        self._ending = await stage.crew.retire(self._oldest)
        judge(stage, self._ending)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say what moved at the first of the two rebalances."""
        del stage, since
        return f"{self._added.name} joined: {self._seen}; {self._ending}" if self._seen else ""
