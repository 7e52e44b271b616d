"""A connection for what a person decides: unlike a snapshot it may write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from ledger.connection import connect
from ledger.unavailable import explain_postgres

_APPLICATION: Final = "onboarding-operations"
# 5 s: a connection that does not end in good order is ended.
_CLOSE_SECONDS_MAX: Final = 5.0
# 10 s: a batch that holds a lock commits within one. Whoever is told that it was done may rely on it.
_SETTINGS: Final = {"lock_timeout": "10s", "synchronous_commit": "on"}


@asynccontextmanager
async def open_writer(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection. Raises UnavailableError for every fault of Postgres, also for one inside the block."""
    with explain_postgres():
        connection = await connect(database_url, _APPLICATION, _SETTINGS)
        try:
            yield connection
        finally:
            await connection.close(timeout=_CLOSE_SECONDS_MAX)
