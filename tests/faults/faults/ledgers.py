"""Harm to whose ledger it is: one that was rolled back, and a stranger's that wants the same Kafka."""

import asyncio
from typing import Final

from tests.containers.ports import choose_port
from tests.faults.child import Child
from tests.faults.crew import CONSUME
from tests.faults.faults.fault import Fault
from tests.faults.faults.postgres import DatabaseFault
from tests.faults.stage import Stage

# 60 s: until the first pages of the ledger as it was are announced, with other faults on top of this one.
_FALL_SECONDS_MAX: Final = 60.0
# 1 s without a commit before it is rolled back: who asks the ledger what it has must know of the last one.
_LOOK_SECONDS: Final = 1.0
_COUNT: Final = "SELECT coalesce(sum(accepted), 0)::bigint FROM progress"
_REFUSED: Final = "are those of ledger"


class RollBackLedger(Fault):
    """Postgres is restored from a copy that is some seconds old: what came after is in Kafka alone."""

    name = "ledger rolled back"
    harm = DatabaseFault.harm
    hold_seconds = (3.0, 6.0)

    async def strike(self, stage: Stage) -> None:
        """Keep a copy."""
        self._kept = await self._count(stage)
        await asyncio.to_thread(stage.database.back_up)

    async def mend(self, stage: Stage) -> None:
        """Restore it; for a while totals are those of the ledger as it was."""
        proxy = stage.database.proxy
        await asyncio.to_thread(proxy.cut)
        await asyncio.sleep(_LOOK_SECONDS)
        self._taken_back = await self._count(stage) - self._kept
        await asyncio.to_thread(stage.database.roll_back)
        await asyncio.to_thread(proxy.mend)
        stage.curve.allow_falls(_FALL_SECONDS_MAX)

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how many facts were taken back, and what else was seen."""
        return "; ".join([f"{self._taken_back} facts taken back", *stage.symptoms(since)]) if self._taken_back else ""

    async def _count(self, stage: Stage) -> int:
        return int((await stage.fetch(_COUNT))[0][0])


class StrangeLedger(Fault):
    """A consumer of another environment, or of a database that is new, is started with the same Kafka."""

    name = "a consumer of another ledger"
    harm = "the claim"
    hold_seconds = (8.0, 12.0)  # two or three of the 3 s after which a claim that is not renewed ends

    async def strike(self, stage: Stage) -> None:
        """Make a database, and start the consumer on it."""
        self._database = f"stranger_{self.random.randrange(2**32):08x}"
        await stage.fetch(f"CREATE DATABASE {self._database}")
        environment = self.random.choice(["staging", "development"])
        port = choose_port()
        told = {
            **stage.crew.environment,
            "DATABASE_URL": stage.database.url_of(self._database),
            "ONBOARDING_ENVIRONMENT": environment,
            "ONBOARDING_CONSUMER_PORT": str(port),
        }
        self._stranger = Child(f"{environment}-{self._database}", CONSUME, port, stage.folder, told)
        self._stranger.start()

    async def mend(self, stage: Stage) -> None:
        """End it, where it has not ended, and drop its database."""
        self._code = self._stranger.exit_code
        self._stranger.kill()
        await asyncio.to_thread(self._stranger.bury)
        await stage.fetch(f"DROP DATABASE {self._database} WITH (FORCE)")

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how it was refused; nothing where it was not."""
        del stage, since
        refusals = [line for line in self._stranger.read_log(0).splitlines() if _REFUSED in line]
        return f"{self._stranger.name.partition('-')[0]} was refused, exit code {self._code}" if refusals else ""
