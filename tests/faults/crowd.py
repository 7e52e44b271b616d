"""So many database connections that nobody else gets one."""

from typing import Any

import asyncpg

NAME = "crowd"
END_OTHERS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND application_name <> $1
"""


class Crowd:
    """Holds as many connections to the server at `url` as it allows, `connections_max`."""

    def __init__(self, url: str, connections_max: int) -> None:
        self._url = url
        self._connections_max = connections_max
        self._held: list[Any] = []

    async def enter(self) -> None:
        """Take every free connection, end those of others, and go on until all are taken."""
        while len(self._held) < self._connections_max:
            await self._take_free()
            await self._end_others()

    def leave(self) -> None:
        """Give every connection back."""
        while self._held:
            self._held.pop().terminate()

    async def _take_free(self) -> None:
        try:
            while len(self._held) < self._connections_max:
                self._held.append(await asyncpg.connect(self._url, server_settings={"application_name": NAME}))
        except asyncpg.TooManyConnectionsError:
            return

    async def _end_others(self) -> None:
        for connection in self._held[:1]:
            await connection.execute(END_OTHERS, NAME)
