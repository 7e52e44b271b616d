"""Harm to the folder that a worker writes to."""

import asyncio
import re
from collections.abc import Sequence
from typing import Final

from tests.faults.child import Child
from tests.faults.faults.fault import Fault
from tests.faults.faults.stream_workers import WorkerFault
from tests.faults.stage import NotStruckError, Stage

# A namespace of its own in which the folder has room for nothing but itself.
_MOUNT: Final = 'mount -t tmpfs -o size=4k,nr_inodes=1 tmpfs "$0" && exec "$@"'
_NO_SPACE: Final = re.compile(r"No space left on device")


class FillWorkerFolder(Fault):
    """The folder of a stream worker full when it is started again, as often as the supervisor tries."""

    name = "data directory of a stream worker full"
    harm = WorkerFault.harm
    hold_seconds = (4.0, 8.0)
    mended_by_strike = True

    async def strike(self, stage: Stage) -> None:
        """Fill the folder of the active worker, and kill it: whoever goes on has room."""
        await check_namespaces()
        self._victim = stage.active_worker
        self.old_owner, self._logged = self._victim.name, self._victim.measure_log()
        self._victim.prefix = fill(self._victim)
        self._victim.kill()

    async def mend(self, stage: Stage) -> None:
        """Give it room from the next start on."""
        del stage
        self._victim.prefix = ()

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say how often it could not start for want of room, and who showed the totals meanwhile."""
        del since
        self.new_owner = stage.active_name
        failed = len(_NO_SPACE.findall(self._victim.read_log(self._logged)))
        return f"{failed} times no space left; totals shown by {self.new_owner}" if failed else ""


def fill(child: Child) -> Sequence[str]:
    """Return the command that starts a process with a full folder."""
    child.state.mkdir(parents=True, exist_ok=True)
    return ("unshare", "--map-root-user", "--mount", "sh", "-c", _MOUNT, str(child.state))


async def check_namespaces() -> None:
    """Raise NotStruckError where this machine lets nobody have a namespace of his own."""
    process = await asyncio.create_subprocess_exec("unshare", "--map-root-user", "--mount", "true")
    if await process.wait():
        raise NotStruckError("this machine lets nobody mount a folder of his own")
