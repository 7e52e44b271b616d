"""A terminal for a command that is run by a test, which reads what the command writes there."""

import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Terminal:
    """Both ends of a terminal, as descriptors."""

    ours: int
    theirs: int

    def read_all(self) -> bytes:
        """Return what is written until the last writer has gone, which Linux tells by an error."""
        os.close(self.theirs)
        written = b""
        try:
            while some := os.read(self.ours, 65_536):
                written += some
        except OSError:
            return written
        return written


@contextmanager
def open_terminal() -> Iterator[Terminal]:
    """Give a terminal; its other end is closed by `read_all`."""
    ours, theirs = pty.openpty()
    yield Terminal(ours, theirs)
    os.close(ours)
