"""A proxy cuts, resets and loses exactly what it is told to, and nothing else."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest

from tests.containers.waiting import await_condition
from tests.faults.connection import Connection
from tests.faults.proxy import Proxies, Proxy

# 30 s: what is awaited comes within milliseconds.
SECONDS_MAX = 30.0
# 0.3 s: a byte over loopback takes less than a thousandth of it, so one that has not come will not come.
SILENCE_SECONDS = 0.3


async def test_bytes_pass_in_both_directions(echo: Proxy) -> None:
    """A proxy that is not told otherwise must not be noticed, nor keep what has ended."""
    async with dial(echo.port) as client:
        assert await ask(client, b"a" * 1_000_000) == b"a" * 1_000_000
        assert echo.active == 1
    await asyncio.to_thread(await_condition, lambda: echo.active == 0, "the connection is gone", SECONDS_MAX)


async def test_a_cut_lets_no_byte_pass_and_keeps_connections(echo: Proxy) -> None:
    """A network that is cut tells nobody: a reset would let clients fail over at once, and prove nothing."""
    async with dial(echo.port) as before:
        assert await ask(before, b"one") == b"one"
        echo.cut()
        async with dial(echo.port) as during:
            for client in (before, during):
                assert await is_silent(client)
            assert echo.active == 2


async def test_a_mended_cut_resets_what_it_silenced(echo: Proxy) -> None:
    """What was sent into a cut must not arrive after it, and a new connection must work at once."""
    async with dial(echo.port) as before:
        assert await ask(before, b"one") == b"one"
        echo.cut()
        assert await is_silent(before)
        echo.mend()
        with pytest.raises(ConnectionResetError):
            await ask(before, b"two")
    async with dial(echo.port) as after:
        assert await ask(after, b"three") == b"three"


async def test_what_is_half_open_stays_silent_while_new_connections_pass(echo: Proxy) -> None:
    """The other end is gone without a word: nothing arrives, nothing is reset, and whoever dials again is served."""
    async with dial(echo.port) as before:
        assert await ask(before, b"one") == b"one"
        echo.leave_half_open()
        assert await is_silent(before)
        async with dial(echo.port) as after:
            assert await ask(after, b"two") == b"two"
        assert await is_silent(before)


async def test_a_reset_ends_what_is_open(echo: Proxy) -> None:
    """A reset is what clients get from a server that died and is back."""
    async with dial(echo.port) as before:
        assert await ask(before, b"one") == b"one"
        echo.reset()
        with pytest.raises(ConnectionResetError):
            await ask(before, b"two")
    assert echo.active == 0


async def test_only_the_chosen_answer_is_lost(echo: Proxy) -> None:
    """The answer to COMMIT must be lost once, also where the request comes in pieces, and no other answer with it."""
    async with dial(echo.port) as client:
        assert await ask(client, b"COMMIT") == b"COMMIT"
        echo.lose_answer_to(b"COMMIT")
        assert await ask(client, b"BEGIN COM") == b"BEGIN COM"
        with pytest.raises(ConnectionResetError):
            await ask(client, b"MIT")
    assert echo.lost == 1
    async with dial(echo.port) as client:
        assert await ask(client, b"COMMIT") == b"COMMIT"


@pytest.fixture(scope="module")
def proxies() -> Iterator[Proxies]:
    """Give the module's proxies."""
    with Proxies() as proxies:
        yield proxies


@pytest.fixture
def echo(proxies: Proxies) -> Iterator[Proxy]:
    """Give a proxy to a server that sends back what it gets."""
    with ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))  # seconds within which it ends
        thread.start()
        proxy = proxies.open("127.0.0.1", server.server_address[1])
        yield proxy
        proxy.close()
        server.shutdown()
        thread.join()


class Echo(BaseRequestHandler):
    """One connection of that server."""

    def handle(self) -> None:
        """Send everything back until the client ends, in whatever way."""
        with suppress(ConnectionError):
            while data := self.request.recv(65_536):
                self.request.sendall(data)


@asynccontextmanager
async def dial(port: int) -> AsyncIterator[socket.socket]:
    """Open a connection and close it."""
    with socket.socket() as client:
        client.settimeout(0)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
        yield client


async def ask(client: socket.socket, request: bytes) -> bytes:
    """Send a request and return the answer: as many bytes, unless the connection is ended before."""
    loop, answer = asyncio.get_running_loop(), b""
    async with asyncio.timeout(SECONDS_MAX):
        sending = asyncio.create_task(loop.sock_sendall(client, request))
        while len(answer) < len(request) and (data := await loop.sock_recv(client, 65_536)):
            answer += data
        await sending
    return answer


async def is_silent(client: socket.socket) -> bool:
    """Send a byte and tell whether the connection stays open and nothing comes back."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(client, b"?")
    try:
        await asyncio.wait_for(loop.sock_recv(client, 1), SILENCE_SECONDS)
    except TimeoutError:
        return True
    return False


async def test_a_connection_that_cannot_be_taken_ends_no_proxy(echo: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that is gone before it is taken, or files that are short for a moment: the next one passes."""
    async with dial(echo.port) as before:
        assert await ask(before, b"one") == b"one"
        failures = iter([OSError(24, "too many open files"), ConnectionAbortedError()])

        def fail_twice(client: socket.socket, trap: Any) -> Any:
            if failure := next(failures, None):
                client.close()
                raise failure
            return Connection(client, trap)

        monkeypatch.setattr("tests.faults.proxy.Connection", fail_twice)
        for _ in range(2):
            with suppress(ConnectionResetError):
                async with dial(echo.port):
                    pass
        async with dial(echo.port) as after:
            assert await ask(after, b"two") == b"two"
