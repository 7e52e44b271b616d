"""A PostgreSQL server with little room: for files, for connections, and for patience with deadlocks."""

from contextlib import ExitStack
from typing import Final

from tests.containers.assembly import Assembly
from tests.containers.disk import Disk
from tests.containers.postgres import IMAGE, PostgresServer
from tests.faults.crowd import Crowd
from tests.faults.proxy import Proxies

# asyncpg's COMMIT as it goes over the wire: a simple query ("Q"), its length, and its text with a zero byte.
COMMIT: Final = b"Q\x00\x00\x00\x0cCOMMIT;\x00"
# Where the image of version 18 keeps its files, in the volume; and a copy of them.
_DATA: Final = "18"
_BACKUP: Final = "18-backup"
# 30 hold the pools of six processes, and are soon taken.
CONNECTIONS_MAX = 30
SETTINGS = {
    "max_connections": str(CONNECTIONS_MAX),
    # 100 ms instead of 1 s: a deadlock on purpose is to be found within the fault.
    "deadlock_timeout": "100ms",
    # 256 MB: an eighth of the disk; the rest is for what the test records.
    "max_wal_size": "256MB",
}


class Database(Assembly):
    """A context manager: one server, whose files outlive its SIGKILL, reached straight or through a proxy."""

    def __init__(self, proxies: Proxies) -> None:
        self._disk = Disk(IMAGE)
        self._server = PostgresServer()
        self._server.with_volume_mapping(self._disk.name, "/var/lib/postgresql", "rw")
        self._server.with_command(["postgres", *(f"--{name}={value}" for name, value in SETTINGS.items())])
        self._proxies = proxies
        self.proxy = proxies.open("127.0.0.1", self._server.published_port)
        self._crowd = Crowd(self.url, CONNECTIONS_MAX)

    def assemble(self, stack: ExitStack) -> None:
        """Make the disk and start the server on it."""
        stack.enter_context(self._disk)
        stack.enter_context(self._server)
        stack.callback(self.give_connections_back)

    @property
    def url(self) -> str:
        """The straight address, for who judges."""
        return self.url_of(self._server.dbname)

    def url_of(self, database: str) -> str:
        """Return the straight address of one database."""
        return self._server.url(database)

    @property
    def worker_url(self) -> str:
        """The address through the proxy, for workers."""
        return self.url.replace(f":{self._server.published_port}/", f":{self.proxy.port}/")

    def freeze(self) -> None:
        """Stop every process of the server in its tracks; connections stay open and silent."""
        self._server.freeze()

    def thaw(self) -> None:
        """Let the frozen server go on."""
        self._server.thaw()

    def sigkill(self) -> None:
        """Kill the server without warning."""
        self._server.sigkill()

    def restart(self) -> None:
        """Start the killed server again on the same files, and wait until it answers."""
        self._server.restart()

    def fill_disk(self) -> None:
        """Leave no byte of the disk free: statements fail with DiskFullError, or the server ends for want of a log."""
        self._disk.fill()

    def free_disk(self) -> None:
        """Give the space back, and start the server again where it has ended."""
        self._disk.free()
        self._server.recover()

    def back_up(self) -> None:
        """Keep a copy of the files as they are after a SIGKILL; the server is started again."""
        self.sigkill()
        self._disk.run(f"rm -rf {_BACKUP} && cp -a {_DATA} {_BACKUP}")
        self.restart()

    def roll_back(self) -> None:
        """Kill the server, and start it on the files that were kept."""
        self.sigkill()
        self._disk.run(f"rm -rf {_DATA} && mv {_BACKUP} {_DATA}")
        self.restart()

    def take_connections(self) -> None:
        """End all connections but our own and hold as many as there can be: everyone gets TooManyConnectionsError."""
        self._proxies.run(self._crowd.enter())

    def give_connections_back(self) -> None:
        """End the connections held."""
        self._proxies.run(self._leave())

    def recover(self) -> None:
        """Undo whatever has been done to the server or on the way to it, and wait until it answers."""
        self.give_connections_back()
        self.proxy.mend()
        self.free_disk()

    async def _leave(self) -> None:
        self._crowd.leave()
