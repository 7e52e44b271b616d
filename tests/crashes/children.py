"""The processes that crash, and those that go on."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from models.catalogue import KINDS
from tests.crashes.hand import REPORT, Late
from tests.crashes.launcher import ORDER
from tests.processes.forked import Forked

_OK: Final = 200
_TOTALS: Final = urlencode([("name[]", kind.metric) for kind in KINDS])
# 10 s: on a busy machine an answer takes longer than on an idle one, and no answer is no zero.
_PAGE_SECONDS_MAX: Final = 10.0
_END_SECONDS_MAX: Final = 60.0


@dataclass
class Child:
    """One process: an ordinary one, or one that runs to a crash point."""

    port: int
    log: Path
    environment: Mapping[str, str]
    process: Forked = field(init=False)

    def start(self, run: Callable[..., None], *arguments: object) -> None:
        """Start it; its output goes to the log."""
        self.process = Forked(run, *arguments, environment=os.environ | self.environment, output=self.log)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None

    def arm(self, point: str, late: Late) -> None:
        """Let an ordinary process run to a crash point from now on."""
        Path(self.environment[ORDER]).write_text(json.dumps([point, late]))
        self.process.send_signal(signal.SIGUSR1)

    def end(self) -> int | None:
        """Ask it to drain and to end; return the exit code, None when it does not end."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(_END_SECONDS_MAX)
        return None

    def kill(self) -> None:
        """End what a failed test has left."""
        self.process.kill()
        self.process.wait()

    def reports(self, event: str) -> list[dict[str, Any]]:
        """Return what its trigger has reported of one event."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        found = [json.loads(line) for line in lines if line.startswith(REPORT)]
        return [report for report in found if report["event"] == event]

    async def is_up(self) -> bool:
        """Tell whether it answers; with a bug it may never be ready."""
        return (await self._read("healthz"))[0] == _OK

    async def is_ready(self) -> bool:
        """Tell whether it does its work."""
        return (await self._read("readyz"))[0] == _OK

    async def scrape(self) -> dict[str, float]:
        """Return the totals that it shows, by name; none when it does not answer."""
        families = text_string_to_metric_families((await self._read(f"metrics?{_TOTALS}"))[1])
        return {sample.name: sample.value for family in families for sample in family.samples}

    async def _read(self, page: str) -> tuple[int, str]:
        """Return status and text of a page; status 0 when nobody answers."""
        timeout = aiohttp.ClientTimeout(total=_PAGE_SECONDS_MAX)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"http://127.0.0.1:{self.port}/{page}") as answer,
            ):
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""
