"""Ports for servers that must keep theirs over a restart."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

# Below the ports that systems give to outgoing connections (32768 and up on Linux): a client that keeps trying to
# reach a stopped server could otherwise be given the server's own port, and hold it.
PORTS: Final = range(20_000, 32_768)

# Locked by whoever has chosen a port until its process ends: another worker, or another run on this machine, would
# hear as well that it is free, because who chose it may not listen yet.
_LOCKS: Final = Path(tempfile.gettempdir()) / f"onboarding-ports-{os.getuid()}"


def choose_port() -> int:
    """Return a port that is free on 127.0.0.1 now, and that no outgoing connection and no other test takes."""
    return next(port for port in _PORTS if _hold(port) and is_free(port))


def _take_turns() -> Iterator[int]:
    """Yield every port once, from anywhere on."""
    begin = random.choice(PORTS)  # noqa: S311 - not a secret
    yield from range(begin, PORTS.stop)
    yield from range(PORTS.start, begin)


_PORTS: Final = _take_turns()
_held: Final[list[IO[bytes]]] = []


def _hold(port: int) -> bool:
    """Keep a port from other processes; tell whether none had it."""
    _LOCKS.mkdir(exist_ok=True)
    lock = (_LOCKS / str(port)).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return False
    _held.append(lock)
    return True


def is_free(port: int) -> bool:
    """Tell whether a server could listen on 127.0.0.1 at `port` now."""
    with socket.socket() as candidate:
        return not _refuses(candidate, port)


def _refuses(candidate: socket.socket, port: int) -> bool:
    try:
        candidate.bind(("127.0.0.1", port))
    except OSError:
        return True
    return False
