"""Ports for servers that must keep theirs over a restart."""

import os
import random
import socket
from collections.abc import Iterator
from itertools import cycle
from typing import Final

# Below the ports that systems give to outgoing connections (32768 and up on Linux): a client that keeps trying to
# reach a stopped server could otherwise be given the server's own port, and hold it.
LOWEST: Final = 20_000
# 16 workers of one run at most have ports of their own; the next ones share them with the first.
SLICES: Final = 16
SLICE: Final = 768


def choose_port() -> int:
    """Return a port that is free on 127.0.0.1 now, and that neither an outgoing connection nor another worker takes.

    None is given twice before all others were: who chose one may not listen yet.
    """
    return next(port for port in _PORTS if is_free(port))


def list_ports(worker: str) -> range:
    """Return the ports of a worker of the test run, as pytest-xdist names it; none where it is alone."""
    number = int((worker or "gw0").removeprefix("gw")) % SLICES
    return range(LOWEST + number * SLICE, LOWEST + (number + 1) * SLICE)


def _take_turns() -> Iterator[int]:
    """Yield the ports of this worker again and again, from anywhere on: another run may have the same."""
    ports = list_ports(os.environ.get("PYTEST_XDIST_WORKER", ""))
    begin = random.randrange(SLICE)  # noqa: S311 - not a secret
    return cycle([*ports[begin:], *ports[:begin]])


_PORTS: Final = _take_turns()


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
