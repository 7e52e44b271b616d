"""Files and standard streams of commands: whatever goes wrong with one is one line that names it, and exit code 2."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final, TextIO

import click

STANDARD_STREAM: Final = "-"
# 1 MB: a disk is asked seldom, and no record is longer.
_BUFFER_BYTES: Final = 1 << 20
_STDIN, _STDOUT = 0, 1


class CommandError(click.ClickException):
    """The command could not do its work; one line says why."""

    exit_code = 2


@contextmanager
def open_bytes(path: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input for "-". Raises CommandError, also while the block reads."""
    if path == STANDARD_STREAM and sys.stdin is not sys.__stdin__:  # what a test types
        yield sys.stdin.buffer
        return
    name = "standard input" if path == STANDARD_STREAM else path
    with _Input(name, path) as raw:
        yield io.BufferedReader(raw, _BUFFER_BYTES)


@contextmanager
def open_text(path: str) -> Iterator[TextIO]:
    """Open a file of text in UTF-8, as `open_bytes` does; a byte order mark is passed over."""
    with open_bytes(path) as file:
        try:
            yield io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        except UnicodeDecodeError as error:
            raise CommandError(f"{path} is no text in UTF-8: {error.reason}") from None


@contextmanager
def open_to_write(path: str) -> Iterator[BinaryIO]:
    """Open a file, or standard output for "-". Raises CommandError, also while the block writes."""
    if path == STANDARD_STREAM:
        yield sys.stdout.buffer
        return
    with _Output(path, path) as raw, io.BufferedWriter(raw, _BUFFER_BYTES) as file:
        yield file


@contextmanager
def create_private(path: str) -> Iterator[TextIO]:
    """Create a file that its owner alone can read. Raises CommandError, also where there is one."""
    with _Output(path, path, opener=_create) as raw, io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8") as file:
        yield file


def guard_output() -> None:
    """Let a full or closed standard output be an error of the command. Raises CommandError where it is closed."""
    own = sys.stdout
    if own is sys.__stdout__:
        raw = io.BufferedWriter(_Output("standard output", _STDOUT, closefd=False))
        encoding, by_line = (own.encoding, own.line_buffering) if own else (None, False)
        sys.stdout = io.TextIOWrapper(raw, encoding, "backslashreplace", line_buffering=by_line)


def _create(path: str, _flags: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


@contextmanager
def _told_as(what: str) -> Iterator[None]:
    """Make one line of an error that the operating system raises."""
    try:
        yield
    except BrokenPipeError:  # who read has seen enough: click ends without a word
        raise
    except OSError as error:
        raise CommandError(f"cannot {what}: {error.strerror}") from None


class _Input(io.FileIO):
    """Bytes from outside, and one line where they cannot be read."""

    def __init__(self, name: str, path: str) -> None:
        self._what = f"read {name}"
        with _told_as(self._what):
            super().__init__(_STDIN if path == STANDARD_STREAM else path, closefd=path != STANDARD_STREAM)

    def readinto(self, room: Any) -> int | None:  # noqa: ANN401 - whatever has room for bytes
        """Read into a buffer."""
        with _told_as(self._what):
            return super().readinto(room)

    def readall(self) -> bytes:
        """Read to the end."""
        with _told_as(self._what):
            return super().readall()


class _Output(io.FileIO):
    """Where a command writes to, and one line where it cannot."""

    def __init__(self, name: str, file: str | int, **settings: Any) -> None:  # noqa: ANN401 - of FileIO
        self._what = f"write {name}"
        self._failed = False
        with _told_as(self._what):
            super().__init__(file, "w", **settings)

    def write(self, piece: Any, /) -> int:  # noqa: ANN401 - whatever is bytes
        """Write; once that has failed, nothing more, so that the error is told once."""
        if self._failed:
            return len(piece)
        self._failed = True  # unless the next lines are passed
        with _told_as(self._what):
            written = super().write(piece)
        self._failed = False
        return written
