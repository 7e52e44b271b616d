"""Has a stage for each crash: the one of the crash before, as long as everything on it was exact."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.containers.cleaner import clean
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer, fresh_database
from tests.crashes.planted import Bug
from tests.crashes.stage import Stage


@dataclass
class Theatre:
    """The servers, and the stage on them."""

    broker: KafkaBroker
    server: PostgresServer
    folder: Path
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _kept: Stage | None = None
    _numbers: Any = field(default_factory=count)

    async def make_empty(self) -> Stage:
        """Return a new stage: no topics, an empty database, no process."""
        await self.close()
        bootstrap = self.broker.recover().bootstrap
        await clean(bootstrap)
        url = await self._stack.enter_async_context(fresh_database(self.server.recover()))
        folder = self.folder / str(next(self._numbers))
        folder.mkdir()
        stage = Stage(bootstrap, url, folder)
        await stage.open()
        self._stack.push_async_callback(stage.close)
        return stage

    async def set_up(self, role: str) -> Stage:
        """Return a stage for the crash of a process of one role, with a stream worker, and a consumer where it stays.

        Beside a stream worker that crashes, the consumer announces each page once: nothing may rest on the next time.
        """
        stage, self._kept = self._kept or await self._make_first(), None
        if role == "consume":
            stage.dismiss("consume")
        else:
            await stage.find("consume", Bug.REFRESH_FORGOTTEN)
        await stage.await_exact(await stage.find("total"))
        return stage

    def keep(self, stage: Stage) -> None:
        """Use a stage again: everything on it was exact."""
        self._kept = stage

    async def close(self) -> None:
        """Leave nothing behind."""
        self._kept = None
        await self._stack.aclose()

    async def _make_first(self) -> Stage:
        """Return a new stage on which one fact is recorded."""
        stage = await self.make_empty()
        await stage.find("consume")
        await stage.publish_first()
        await stage.await_recorded()
        stage.dismiss("consume")
        return stage
