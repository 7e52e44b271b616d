"""One TCP connection that is carried on to a server, and what can happen to it on the way."""

import asyncio
import socket
import struct
from dataclasses import dataclass

# 64 KiB: a read's worth of a busy loopback connection.
CHUNK_BYTES = 65_536
# On, 0 s: closing sends a reset at once, whatever was still to be sent.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class Trap:
    """Waits, once it is set, for a request whose answer shall be lost; `lost` says how often that has happened."""

    request: bytes = b""
    lost: int = 0

    def springs(self, seen: bytes) -> bool:
        """Tell whether the request has been seen, and wait no longer if so."""
        if not self.request or self.request not in seen:
            return False
        self.request = b""
        return True

    def rest_of(self, seen: bytes) -> bytes:
        """Return the end of `seen` that may be the beginning of the request."""
        kept = max(0, len(self.request) - 1)
        return seen[max(0, len(seen) - kept) :]


class Connection:
    """A client's socket and the server's; its proxy decides whether bytes pass."""

    def __init__(self, client: socket.socket, trap: Trap) -> None:
        self._client = client
        self._server = socket.socket()
        self._trap = trap
        self._rest = b""
        self._answer_is_lost = False
        for end in self._ends:
            end.settimeout(0)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def _ends(self) -> tuple[socket.socket, socket.socket]:
        return self._client, self._server

    async def carry(self, host: str, port: int) -> None:
        """Carry bytes both ways until both ends are done; reset both when one fails.

        When this is cancelled, both stay open, and nobody reads them.
        """
        try:
            await self._carry(host, port)
        except* OSError:
            self.reset()
        else:
            self._close()

    def reset(self) -> None:
        """End both connections with a reset, as a crashed machine that came back does."""
        for end in self._ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._close()

    async def _carry(self, host: str, port: int) -> None:
        await asyncio.get_running_loop().sock_connect(self._server, (host, port))
        async with asyncio.TaskGroup() as ways:
            ways.create_task(self._carry_requests())
            ways.create_task(self._carry_answers())

    async def _carry_requests(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(self._client, CHUNK_BYTES):
            is_trapped = self._springs_trap(data)
            await loop.sock_sendall(self._server, data)
            self._answer_is_lost = self._answer_is_lost or is_trapped
        self._server.shutdown(socket.SHUT_WR)

    async def _carry_answers(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(self._server, CHUNK_BYTES):
            self._lose_trapped_answer()
            await loop.sock_sendall(self._client, data)
        self._client.shutdown(socket.SHUT_WR)

    def _springs_trap(self, data: bytes) -> bool:
        seen = self._rest + data
        is_trapped = self._trap.springs(seen)
        self._rest = self._trap.rest_of(seen)
        return is_trapped

    def _lose_trapped_answer(self) -> None:
        if self._answer_is_lost:
            self._trap.lost += 1
            raise ConnectionResetError("the answer is lost on purpose")

    def _close(self) -> None:
        for end in self._ends:
            end.close()
