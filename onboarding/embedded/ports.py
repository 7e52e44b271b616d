"""Ports of the loopback address: a busy one is replaced, it does not stop the program."""

import errno
import socket

LOOPBACK = "127.0.0.1"
ANY_FREE_PORT = 0  # the kernel's own convention of bind(2)


def find_free_port(preferred: int) -> int:
    """Return `preferred` if it can be bound on 127.0.0.1, else a free port of the kernel's choice.

    Nothing reserves the port: bind it soon. Whoever loses that race gets the server's own bind error.
    """
    try:
        return _bind_once(preferred)
    except OSError as error:
        # EACCES: a port below 1024 and an ordinary user.
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        return _bind_once(ANY_FREE_PORT)


def _bind_once(port: int) -> int:
    """Bind and let go, with SO_REUSEADDR as both servers do: connections in TIME_WAIT are no obstacle."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
        bound: int = probe.getsockname()[1]
        return bound
