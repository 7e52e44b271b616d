"""One moment of the ledger: everything read inside is of the same commit, and nothing can be written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from ledger.connection import connect
from ledger.unavailable import explain_postgres

_APPLICATION: Final = "onboarding-operations"
# 5 s: a connection that does not end in good order is ended.
_CLOSE_SECONDS_MAX: Final = 5.0
# 128 MB for each sort or hash table of a count over millions of rows: with the default of 4 MB the server would sort a
# ledger table once for every dimension, with this only once.
_WORK_MEMORY: Final = "128MB"
# Waiting, a lock, is never right for a reader of a snapshot, except while a migration runs.
_SETTINGS: Final = {"lock_timeout": "10s", "work_mem": _WORK_MEMORY}


@asynccontextmanager
async def open_snapshot(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection inside one read-only repeatable-read transaction.

    Raises UnavailableError for every fault of Postgres, also for one that happens inside the block.
    """
    with explain_postgres():
        connection = await connect(database_url, _APPLICATION, _SETTINGS)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        finally:
            await connection.close(timeout=_CLOSE_SECONDS_MAX)
