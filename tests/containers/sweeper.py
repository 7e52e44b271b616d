"""Removes what a test session left on the Docker engine, also when pytest is killed: the work of testcontainers' Ryuk.

Ryuk is a container itself. Where its image cannot be had, this module does the same from a process of its own, which
waits for the session's end at the other end of a pipe.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from docker.errors import APIError, NotFound

from tests.containers.engine import connect

# 30 s: the sweep of a handful of containers takes one or two.
SWEEP_SECONDS_MAX: Final = 30
ROOT: Final = Path(__file__).parents[2]


class Watcher:
    """A process apart that sweeps `label` as soon as this process has ended, in whatever way."""

    def __init__(self, label: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.containers.sweeper", label],
            stdin=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,  # Ctrl-C is for pytest
        )

    def release(self) -> None:
        """Let the watcher sweep now, and wait until it has."""
        self._process.communicate(timeout=SWEEP_SECONDS_MAX)


def sweep(client: Any, label: str) -> None:
    """Remove every container, network and volume that carries `label` (`key=value`)."""
    chosen = {"label": label}
    for container in client.containers.list(all=True, filters=chosen, ignore_removed=True):
        _remove(container, force=True, v=True)
    for network in client.networks.list(filters=chosen):
        _remove(network)
    for volume in client.volumes.list(filters=chosen):
        _remove(volume, force=True)


def leftovers(client: Any, label: str) -> list[str]:
    """Return the names of what carries `label` and is still there."""
    chosen = {"label": label}
    containers = client.containers.list(all=True, filters=chosen, ignore_removed=True)
    kinds = (containers, client.networks.list(filters=chosen), client.volumes.list(filters=chosen))
    return [thing.name for kind in kinds for thing in kind]


def _remove(thing: Any, **how: bool) -> None:
    try:
        thing.remove(**how)
    except NotFound:
        return  # someone else was faster
    except APIError as error:
        if error.status_code != 409:  # 409: its removal is already under way
            raise


def main() -> None:
    """Wait until the pipe on standard input closes, then sweep the label given as the argument."""
    client = connect()
    sys.stdin.read()
    sweep(client, sys.argv[1])
    client.close()


if __name__ == "__main__":
    main()
