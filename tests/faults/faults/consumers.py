"""Harm to one consumer: killed, asked to end, frozen for longer than its session, frozen with locks in hand."""

import asyncio
from typing import ClassVar, Final

import asyncpg

from tests.faults.child import Child
from tests.faults.crew import CONSUME, END_SECONDS_MAX, Ending
from tests.faults.faults.fault import Fault
from tests.faults.stage import NotStruckError, Owners, Stage
from tests.faults.witness import Source

# 6 s is the session of a consumer: one that is frozen for longer is replaced, and wakes up as a zombie.
LONGER_THAN_SESSION: Final = (7.0, 10.0)
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


class ConsumerFault(Fault):
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

    async def count_moved(self, stage: Stage) -> int:
        """Return how many of the victim's partitions another session owns by now, and name one's new owner."""
        self.new_owner = stage.witness.owner_of(self._source)
        now = await stage.owners()
        return sum(now.get(source) != self._owners.get(source) for source in self._owned)


class KillConsumer(ConsumerFault):
    """SIGKILL; the supervisor starts it again."""

    name = "SIGKILL of a consumer"
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Kill it."""
        victim = await self.choose(stage)
        self._popen = victim.popen
        victim.kill()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how it ended and what others took over."""
        del since
        moved = await self.count_moved(stage)
        return f"exit code {self._popen.poll()}; {moved} partitions have a new owner" if moved else ""


class TerminateConsumer(ConsumerFault):
    """SIGTERM; it must end in good order within ten seconds."""

    name = "SIGTERM of a consumer"
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Ask it to end, and wait for it."""
        self._ending = await stage.crew.end(await self.choose(stage))
        judge(stage, self._ending)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how it ended and what others took over."""
        del since
        return f"{self._ending}; {await self.count_moved(stage)} partitions have a new owner"


class FreezeConsumer(ConsumerFault):
    """SIGSTOP, and SIGCONT when its session is over."""

    name = "SIGSTOP of a consumer for longer than its session"
    hold_seconds = LONGER_THAN_SESSION

    async def strike(self, stage: Stage) -> None:
        """Stop it."""
        self._victim = await self.choose(stage)
        self._victim.freeze()

    async def mend(self, stage: Stage) -> None:
        """Count what it has lost, and let it go on."""
        self._moved = await self.count_moved(stage)
        self._victim.thaw()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say what others took over while it was frozen."""
        del stage, since
        return f"{self._moved} partitions had a new owner when it woke up" if self._moved else ""


class FreezeConsumerInTransaction(FreezeConsumer):
    """SIGSTOP between claim and COMMIT: its row locks outlast every time-out of Postgres."""

    name = "SIGSTOP of a consumer inside its transaction"
    # The next owner waits for its locks for another second before it ends the session that holds them.
    hold_seconds = (10.0, 13.0)

    async def strike(self, stage: Stage) -> None:
        """Stop it again and again until it stands still with locks in hand."""
        self._victim = await self.choose(stage)
        connection = await stage.connect()
        try:
            async with asyncio.timeout(_SEARCH_SECONDS_MAX):
                self._statement = await self._stop_inside(connection)
        except TimeoutError:
            self._victim.thaw()
            raise NotStruckError("the consumer was never stopped inside a transaction") from None
        finally:
            connection.terminate()

    async def _stop_inside(self, connection: asyncpg.Connection) -> str:
        """Return the statement at which the victim stands still."""
        while True:
            self._victim.freeze()
            await asyncio.sleep(2 * _STANDSTILL_SECONDS)
            if rows := await connection.fetch(_FIND_STANDSTILL, _STANDSTILL_SECONDS):
                return " ".join(rows[0]["query"].split()[:4])
            self._victim.thaw()
            await asyncio.sleep(self.random.uniform(0.005, 0.1))

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say where it stood and what others took over."""
        moved = await super().name_effect(stage, since)
        return f"stood after {self._statement!r} with locks on progress; {moved}" if moved else ""


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
        self._moved = await self.count_moved(stage)
        self._ending = await stage.crew.retire(self._oldest)
        judge(stage, self._ending)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say what moved at the first of the two rebalances."""
        del stage, since
        return f"{self._moved} partitions moved when {self._added.name} joined; {self._ending}" if self._moved else ""


def judge(stage: Stage, ending: Ending) -> None:
    """Note an end that was not in good order, or took too long."""
    if ending.code != 0 or ending.seconds > END_SECONDS_MAX:
        stage.find(f"{ending}: 0 within {END_SECONDS_MAX:g} s is promised")
