"""TCP proxies between clients and servers: what passes through them can be cut, reset, or lose its answer."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from tests.containers.ports import choose_port
from tests.faults.connection import Connection, Trap

# 0.05 s, so that a lasting shortage keeps nobody busy.
_PAUSE_SECONDS: Final = 0.05

T = TypeVar("T")
Task = asyncio.Task[None]
Take = Callable[[Connection], Task | None]


class Proxies:
    """A context manager: one thread with an event loop of its own, in which all proxies live and end."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._proxies: list[Proxy] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for proxy in self._proxies:
            proxy.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self, host: str, port: int, *, listen: int | None = None) -> "Proxy":
        """Forward 127.0.0.1:`listen` (chosen when None) to `host`:`port`; no server needs to be there yet."""
        proxy = Proxy(self, (host, port), listen or choose_port())
        self._proxies.append(proxy)
        return proxy

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the proxies' loop and wait for what it returns; not to be called from that loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


class Proxy:
    """One listening port; all methods may be called from any thread and have had their effect when they return."""

    def __init__(self, proxies: Proxies, address: tuple[str, int], port: int) -> None:
        self.port = port
        self._address = address
        self._run = proxies.run
        self._trap = Trap()
        self._connections: dict[Connection, Task | None] = {}
        self._take: Take = self._carry
        self._listener = _listen(port)
        self._pause: asyncio.TimerHandle | None = None
        proxies.run(self._start())

    def cut(self) -> None:
        """Let no byte pass in either direction: connections stay open and silent, new ones are taken and silent too."""
        self._run(self._silence(self._keep_silent))

    def mend(self) -> None:
        """Reset every connection that a cut has silenced, and let new ones pass."""
        self._run(self._reset(self._carry))

    def leave_half_open(self) -> None:
        """Let no more byte pass on the connections there are now, which stay open until a reset; new ones pass."""
        self._run(self._silence(self._carry))

    def reset(self) -> None:
        """Reset every connection there is now; new ones fare as before."""
        self._run(self._reset(self._take))

    def lead_to(self, host: str, port: int) -> None:
        """Forward to another server from now on, and reset every connection to the one before."""
        self._address = (host, port)
        self.reset()

    def lose_answer_to(self, request: bytes) -> None:
        """Once, when a client next sends `request`: pass it on, await the answer, drop that, and reset both sides."""
        self._run(self._set_trap(request))

    @property
    def active(self) -> int:
        """How many connections are open, silent ones included."""
        return len(self._connections)

    @property
    def lost(self) -> int:
        """How many answers were lost on purpose."""
        return self._trap.lost

    def close(self) -> None:
        """Listen no more, and reset every connection."""
        self._run(self._end())
        self._listener.close()

    async def _start(self) -> None:
        self._take_more()

    def _take_more(self) -> None:
        """Take connections as they come: by no task, which could be cancelled with one in hand that nobody closes."""
        asyncio.get_running_loop().add_reader(self._listener, self._take_one)

    def _take_one(self) -> None:
        """Take one connection; after an error, of one client that is gone or for want of files, pause for a moment."""
        try:
            connection = Connection(self._listener.accept()[0], self._trap)
        except OSError:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._listener)
            self._pause = loop.call_later(_PAUSE_SECONDS, self._take_more)
        else:
            self._connections[connection] = self._take(connection)

    def _carry(self, connection: Connection) -> Task:
        return asyncio.create_task(self._carry_to_end(connection))

    def _keep_silent(self, _: Connection) -> None:
        """Leave a new connection without anyone who reads it."""

    async def _carry_to_end(self, connection: Connection) -> None:
        await connection.carry(*self._address)
        self._connections.pop(connection, None)

    async def _silence(self, take: Take) -> None:
        self._take = take
        tasks = [task for task in self._connections.values() if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _reset(self, take: Take) -> None:
        await self._silence(take)
        while self._connections:
            self._connections.popitem()[0].reset()

    async def _set_trap(self, request: bytes) -> None:
        self._trap.request = request

    async def _end(self) -> None:
        if self._pause:
            self._pause.cancel()
        if self._listener.fileno() >= 0:  # else it was closed before
            asyncio.get_running_loop().remove_reader(self._listener)
        await self._reset(self._keep_silent)


def _listen(port: int) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    listener.settimeout(0)
    return listener
