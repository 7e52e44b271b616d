"""One way to connect: a server that does not answer is given up, and a dead connection is noticed on both sides."""

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
