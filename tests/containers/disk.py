"""A disk of bounded size, which can be filled to the last byte."""

import uuid
from contextlib import ExitStack
from typing import Any

from testcontainers.core.container import DockerContainer
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from tests.containers.assembly import Assembly
from tests.containers.engine import connect

# 2 GB of memory at most: an hour of a fault run's events takes half of it, and filling the rest takes a second.
SIZE = "2g"
FILLER = "/disk/filler"


class Disk(Assembly):
    """A context manager: a volume in memory, which keeps its files for as long as its holder runs."""

    def __init__(self, image: str) -> None:
        self.name = f"disk-{uuid.uuid4().hex}"
        self._client = connect()
        # Docker unmounts a volume in memory, and loses it, when the last container that has it ends.
        self._holder = DockerContainer(image).with_command(["sleep", "infinity"])
        self._holder.with_volume_mapping(self.name, "/disk", "rw")

    def assemble(self, stack: ExitStack) -> None:
        """Make the volume, and start its holder."""
        stack.callback(self._client.close)
        stack.callback(self._create().remove)
        stack.enter_context(self._holder)

    def fill(self) -> None:
        """Write until nothing more can be written."""
        self._holder.exec(["dd", "if=/dev/zero", f"of={FILLER}", "bs=1M"])

    def free(self) -> None:
        """Give the space back."""
        self._holder.exec(["rm", "-f", FILLER])

    def run(self, command: str) -> None:
        """Run a shell command in the disk's own folder, as root. Raises RuntimeError when it fails."""
        code, said = self._holder.exec(["sh", "-c", f"cd /disk && {command}"])
        if code:
            raise RuntimeError(f"{command}: {said.decode(errors='replace')}")

    def _create(self) -> Any:
        options = {"type": "tmpfs", "device": "tmpfs", "o": f"size={SIZE}"}
        labels = {LABEL_SESSION_ID: SESSION_ID}
        return self._client.volumes.create(self.name, driver="local", driver_opts=options, labels=labels)
