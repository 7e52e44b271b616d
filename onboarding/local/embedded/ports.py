"""Ports of the loopback address: a busy one is replaced, it does not stop the program."""

import errno
import socket
from contextlib import suppress
from typing import Final

LOOPBACK = "127.0.0.1"
ANY_FREE_PORT = 0  # the kernel's own convention of bind(2)

# What this process has chosen: by port, the descriptor of a socket that nobody closes. Each is a name in Linux's
# abstract namespace: one holder on a machine, no file, and gone with its process.
# https://man7.org/linux/man-pages/man7/unix.7.html
_reserved: Final[dict[int, int]] = {}


def find_free_port(preferred: int) -> int:
    """Return `preferred` if it can be bound on 127.0.0.1, else a free port of the kernel's choice.

    As long as this process lives, no other one is given it here: two that start in the same second would choose the
    same. Who is not ours may still bind it first, and the server says so.
    """
    port = preferred
    while True:
        with suppress(_BusyError):
            return _reserve(_bind_once(port))
        port = ANY_FREE_PORT


class _BusyError(Exception):
    """Somebody else has a port, or is about to bind it."""


def _reserve(port: int) -> int:
    """Keep others of ours from a port. Raises _BusyError where one of them was faster."""
    if port not in _reserved:
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0onboarding-port-{port}")
        except OSError:
            name.close()
            raise _BusyError from None
        _reserved[port] = name.detach()
    return port


def _bind_once(port: int) -> int:
    """Bind and let go, with SO_REUSEADDR as both servers do: connections in TIME_WAIT are no obstacle.

    Raises _BusyError; OSError where the machine has no such address.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            # EACCES: a port below 1024 and an ordinary user.
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            raise _BusyError from None
        bound: int = probe.getsockname()[1]
        return bound
