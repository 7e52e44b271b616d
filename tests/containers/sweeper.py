"""Removes what a test session left on the Docker engine, also when pytest is killed: the work of testcontainers' Ryuk.

Ryuk is a container itself. Where its image cannot be had, this module does the same from a process of its own, which
waits for the session's end at the other end of a pipe.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final

from docker.errors import APIError, NotFound

from tests.containers.engine import ROOT, connect

# 90 s: the sweep of a handful of containers takes one or two; an engine that is stopped after it takes up to sixty.
SWEEP_SECONDS_MAX: Final = 90
_KEEP_AND_SWEEP: Final = 'deploy/images/build.sh && echo ready && exec "$PYTHON" -m tests.containers.sweeper "$1"'
# 5 lines: the last words of the script that failed, and what it says to do.
_LAST_WORDS: Final = 5
# What took no time is not told.
_NO_STEP: Final = (" is here ", " not needed ")


def tell_person(line: str) -> None:
    """Show a line to the person who waits."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - it is what somebody waits for


class Watcher:
    """A process apart that keeps an engine with our images, and sweeps `label` as soon as this process has ended.

    tell -- is given a line for each step that took time: the engine's start, an image that was built
    Raises RuntimeError with what was said when there is no engine and none can be started.
    """

    def __init__(self, label: str, tell: Callable[[str], None] = tell_person) -> None:
        self._process = subprocess.Popen(
            [ROOT / "deploy" / "engine.sh", "during", "sh", "-c", _KEEP_AND_SWEEP, "sh", label],
            env=os.environ | {"PYTHON": sys.executable},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            start_new_session=True,  # Ctrl-C is for pytest
        )
        self._await_ready(tell)

    def _await_ready(self, tell: Callable[[str], None]) -> None:
        """Pass on what is said until everything is there."""
        said = []
        for line in self._process.stdout or ():
            if line == "ready\n":
                return
            said.append(line)
            if not any(words in line for words in _NO_STEP):
                tell(line.rstrip())
        self._process.communicate()
        raise RuntimeError("no Docker engine with our images: " + "".join(said[-_LAST_WORDS:]))

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
