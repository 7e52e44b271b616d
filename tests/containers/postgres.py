"""PostgreSQL in a container, with a port that stays the same over a restart, and a new database for who asks."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from testcontainers.community.postgres import PostgresContainer

from tests.containers.faults import FaultyContainer

IMAGE = "postgres:18"


class PostgresServer(FaultyContainer, PostgresContainer):
    """A real server on 127.0.0.1; `url(name)` is the address of one of its databases."""

    def __init__(self) -> None:
        super().__init__(IMAGE, username="onboarding", password="onboarding", driver=None)  # noqa: S106 - of a test
        self.published_port = self.publish(self.port)

    def url(self, database: str) -> str:
        """Return the address of `database`; known before the start, the same after a restart."""
        return f"postgresql://{self.username}:{self.password}@127.0.0.1:{self.published_port}/{database}"

    def is_ready(self) -> bool:
        """Tell whether the server takes connections over the network, which it does not while it is being set up."""
        command = ["pg_isready", "--quiet", "--host=127.0.0.1", f"--username={self.username}"]
        return self.exec(command).exit_code == 0

    def _connect(self) -> None:
        """Leave the waiting to `start`, which waits in the same way after a restart."""


@asynccontextmanager
async def fresh_database(server: PostgresServer) -> AsyncIterator[str]:
    """Yield the address of a new, empty database, and drop it afterwards whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    await _execute(server, f"CREATE DATABASE {name}")
    yield server.url(name)
    server.recover()
    await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _execute(server: PostgresServer, statement: str) -> None:
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
