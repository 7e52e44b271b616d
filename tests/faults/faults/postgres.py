"""Harm to the database server and the way to it: killed, frozen, cut off, full, or deaf to its own COMMIT."""

import asyncio
from abc import abstractmethod
from typing import ClassVar, Final

from tests.faults.database import COMMIT, Database
from tests.faults.faults.fault import Fault, describe
from tests.faults.stage import NotStruckError, Stage

# 30 s: a consumer commits several times a second.
_COMMIT_SECONDS_MAX: Final = 30.0
_LOOK_SECONDS: Final = 0.05


class DatabaseFault(Fault):
    """Harm to the server, which consumers meet as errors."""

    harm: ClassVar[str] = "Postgres"

    async def strike(self, stage: Stage) -> None:
        """Take down how much was logged, and do the harm."""
        self._logged = stage.measure_logs()
        await asyncio.to_thread(self.begin, stage.database)

    async def mend(self, stage: Stage) -> None:
        """Undo the harm."""
        await asyncio.to_thread(self.end, stage.database)

    @abstractmethod
    def begin(self, database: Database) -> None:
        """Do the harm; may block."""

    @abstractmethod
    def end(self, database: Database) -> None:
        """Undo the harm; may block."""

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say which errors consumers met, and what else was seen; nothing when they met none."""
        errors = describe(stage.errors_since(self._logged))
        return "; ".join([errors, *stage.symptoms(since)]) if errors else ""


class KillDatabase(DatabaseFault):
    """SIGKILL, and a restart on the same files."""

    name = "SIGKILL and restart of Postgres"
    hold_seconds = (0.5, 4.0)

    def begin(self, database: Database) -> None:
        """Kill it."""
        database.sigkill()

    def end(self, database: Database) -> None:
        """Start it again."""
        database.restart()


class FreezeDatabase(DatabaseFault):
    """Every process of the server stopped."""

    name = "freeze of Postgres"
    hold_seconds = (11.0, 14.0)  # longer than the 10 s that a consumer grants a statement

    def begin(self, database: Database) -> None:
        """Freeze it."""
        database.freeze()

    def end(self, database: Database) -> None:
        """Let it go on."""
        database.thaw()


class CutDatabase(DatabaseFault):
    """No byte passes between consumers and server; connections stay open, and are reset in the end."""

    name = "network cut to Postgres"
    hold_seconds = (3.0, 14.0)

    def begin(self, database: Database) -> None:
        """Cut it."""
        database.proxy.cut()

    def end(self, database: Database) -> None:
        """Mend it."""
        database.proxy.mend()


class TakeConnections(DatabaseFault):
    """Every session ended, and every connection taken by others."""

    name = "Postgres out of connections"
    hold_seconds = (3.0, 8.0)

    def begin(self, database: Database) -> None:
        """Take them."""
        database.take_connections()

    def end(self, database: Database) -> None:
        """Give them back."""
        database.give_connections_back()


class FillDatabaseDisk(DatabaseFault):
    """Not one byte free on the disk of the server."""

    name = "disk of Postgres full"
    hold_seconds = (3.0, 8.0)

    def begin(self, database: Database) -> None:
        """Fill it."""
        database.fill_disk()

    def end(self, database: Database) -> None:
        """Free it."""
        database.free_disk()


class LoseCommitAnswer(Fault):
    """A COMMIT reaches the server and takes place; its answer never arrives."""

    name = "COMMIT sent, its answer lost"
    harm = DatabaseFault.harm
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Wait for the next COMMIT and lose what is answered."""
        self._logged, proxy = stage.measure_logs(), stage.database.proxy
        self._lost, known = 0, proxy.lost
        await asyncio.to_thread(proxy.lose_answer_to, COMMIT)
        try:
            async with asyncio.timeout(_COMMIT_SECONDS_MAX):
                while not (lost := proxy.lost - known):  # noqa: ASYNC110 - seen from outside, nobody tells us
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise NotStruckError("no consumer commits") from None
        self._lost = lost

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how many answers were lost and what the consumer made of it."""
        del since
        return f"{self._lost} answer lost; {describe(stage.errors_since(self._logged))}"
