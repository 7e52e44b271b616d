"""Ends TLS before a Postgres that has none: the one of PyPI, which tests and `onboarding run` use, is built without."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from typing import Final

# https://www.postgresql.org/docs/current/protocol-message-formats.html, SSLRequest: its length and its code.
_ASKS_FOR_TLS: Final = bytes.fromhex("0000000804d2162f")
_BLOCK_BYTES: Final = 65_536


@dataclass(frozen=True)
class TlsEnd:
    """What is between a client and a server.

    host, port -- of the server
    context -- of this end; None to refuse TLS, as a server does that has none
    """

    host: str
    port: int
    context: ssl.SSLContext | None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one client, whether it wants TLS or not, and pass on what both say."""
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            first = await reader.readexactly(len(_ASKS_FOR_TLS))
            if first == _ASKS_FOR_TLS:
                writer.write(b"S" if self.context else b"N")
                first = b""
                if self.context:
                    await writer.start_tls(self.context)
            await self._pass_on(first, reader, writer)

    async def _pass_on(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(self.host, self.port)
        with closing(server_writer):
            server_writer.write(first)
            both = {
                asyncio.ensure_future(_copy(reader, server_writer)),
                asyncio.ensure_future(_copy(server_reader, writer)),
            }
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for task in both:
                task.cancel()
            await asyncio.wait(both)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what one side says, until it ends."""
    with suppress(OSError):
        while block := await reader.read(_BLOCK_BYTES):
            writer.write(block)
            await writer.drain()


@asynccontextmanager
async def tls_end(host: str, port: int, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Open such an end; yield its port on 127.0.0.1."""
    server = await asyncio.start_server(TlsEnd(host, port, context).serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
