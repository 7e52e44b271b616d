"""Connections to Postgres: given up where a server does not answer, known to be dead on both sides, opened again."""

import asyncio
import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Final

import asyncpg
from asyncpg.transaction import Transaction

_CONNECT_SECONDS_MAX: Final = 5.0
# After 10 s without a word three questions 5 s apart: a connection whose other end is gone is known to be dead in 25 s.
_IDLE_SECONDS: Final = 10
_INTERVAL_SECONDS: Final = 5
_QUESTIONS: Final = 3
# As milliseconds: how long what was sent may go without a receipt.
_UNHEARD_MILLISECONDS: Final = (_IDLE_SECONDS + _QUESTIONS * _INTERVAL_SECONDS) * 1_000
# So that the server, too, ends what belongs to nobody any more, with its locks and its snapshot.
_SERVER_SIDE: Final = {
    "tcp_keepalives_idle": str(_IDLE_SECONDS),
    "tcp_keepalives_interval": str(_INTERVAL_SECONDS),
    "tcp_keepalives_count": str(_QUESTIONS),
    "tcp_user_timeout": str(_UNHEARD_MILLISECONDS),
}

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


class _Transaction(Transaction):  # type: ignore[misc]  # asyncpg is not typed
    """A transaction that is not rolled back over a connection that did not answer, or whose statement was cancelled.

    To wait for the rollback would take as long again, or for ever. The server rolls back by itself what is ended, or
    has locks that others want.
    """

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, TimeoutError | asyncio.CancelledError):
            self._connection.terminate()
        else:
            await super().__aexit__(kind, error, trace)


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is not typed
    """A connection whose transactions are of that kind."""

    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False, deferrable: bool = False
    ) -> Transaction:
        """Return a transaction as `asyncpg.Connection.transaction` does."""
        return _Transaction(self, isolation, readonly, deferrable)


async def connect(
    url: str, application: str, settings: Mapping[str, str], *, statement_seconds: float | None = None
) -> asyncpg.Connection:
    """Open a connection.

    url -- as `check_address` takes it
    application -- by which name the server knows it
    settings -- more of the session
    statement_seconds -- how long a statement may take; None: as long as it takes
    Raises what asyncpg raises, OSError and TimeoutError when the server cannot be reached.
    """
    told = {**_SERVER_SIDE, "application_name": application, **settings}
    connection = await asyncpg.connect(
        url,
        timeout=_CONNECT_SECONDS_MAX,
        command_timeout=statement_seconds,
        server_settings=told,
        connection_class=_Connection,
    )
    _keep_alive(connection)
    return connection


def _keep_alive(connection: asyncpg.Connection) -> None:
    """Let this side notice as well that the other one is gone."""
    end = connection._transport.get_extra_info("socket")  # noqa: SLF001 - asyncpg has no setting for it
    if end is None or end.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        (socket.TCP_KEEPIDLE, _IDLE_SECONDS),
        (socket.TCP_KEEPINTVL, _INTERVAL_SECONDS),
        (socket.TCP_KEEPCNT, _QUESTIONS),
        (socket.TCP_USER_TIMEOUT, _UNHEARD_MILLISECONDS),
    ):
        end.setsockopt(socket.IPPROTO_TCP, option, value)


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
