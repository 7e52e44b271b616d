"""A connection for what a person decides: unlike a snapshot it may write."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from operations.faults import explain_postgres

_CONNECT_SECONDS_MAX: Final = 5.0
# 10 s: a batch that holds a lock commits within one. Whoever is told that it was done may rely on it.
_SETTINGS: Final = {"application_name": "onboarding-operations", "lock_timeout": "10s", "synchronous_commit": "on"}


@asynccontextmanager
async def open_writer(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection. Raises UnavailableError for every fault of Postgres, also for one inside the block."""
    with explain_postgres():
        connection = await asyncpg.connect(database_url, timeout=_CONNECT_SECONDS_MAX, server_settings=_SETTINGS)
        try:
            yield connection
        finally:
            await connection.close(timeout=_CONNECT_SECONDS_MAX)
