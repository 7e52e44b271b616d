"""One connection to Postgres that comes back by itself."""

from typing import Final

import asyncpg

from ledger.connect import connect

# 1 s: a claim waits longer than this only for an owner that is frozen inside its transaction.
_LOCK_TIMEOUT: Final = "1s"
# 10 s for one statement: a batch takes well under one; after ten the server or the way to it is gone.
STATEMENT_SECONDS_MAX: Final = 10.0

_APPLICATION: Final = "onboarding-consumer"
# A commit that is answered is on disk: with "off" a crash could take back what was announced.
_SESSION: Final = {
    "lock_timeout": _LOCK_TIMEOUT,
    "synchronous_commit": "on",
    # Every statement finds its rows by a key: a plan made while a table was small must not read it all when it is big.
    "enable_seqscan": "off",
}

LockNotAvailable = asyncpg.LockNotAvailableError


class Postgres:
    """Holds one connection; opens it when it is needed, drops it after a fault."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None

    async def connection(self) -> asyncpg.Connection:
        """Return the open connection. Raises what asyncpg raises when the server cannot be reached."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, _APPLICATION, _SESSION, statement_seconds=STATEMENT_SECONDS_MAX)
        return self._connection

    @property
    def lost(self) -> bool:
        """Whether the server has closed the connection that was open."""
        return self._connection is not None and self._connection.is_closed()

    def drop(self) -> None:
        """Give the connection up without a word to the server: after a fault its state is not known."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        """Close the connection in good order."""
        if self._connection is not None:
            await self._connection.close(timeout=STATEMENT_SECONDS_MAX)
            self._connection = None
