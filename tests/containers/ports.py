"""Ports for containers that must keep theirs over a restart."""

import random
import socket

# Below the ports that systems give to outgoing connections (32768 and up on Linux): a client that keeps trying to
# reach a stopped server could otherwise be given the server's own port, and hold it.
LOWEST, HIGHEST = 20_000, 32_000


def choose_port() -> int:
    """Return a port that is free on 127.0.0.1 now, and that no outgoing connection will take."""
    while True:
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311 - not a secret
        if is_free(port):
            return port


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
