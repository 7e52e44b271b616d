"""A process of its own beside the measuring one, and the pipe between the two."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final

Work = Callable[..., None]

# 60 s: many times what anything that is awaited here takes, but for what is given a limit of its own.
_ANSWER_SECONDS_MAX: Final = 60.0
_END_SECONDS_MAX: Final = 5.0
# 1 s between two looks at a child that works: for a person who waits.
_LOOK_SECONDS: Final = 1.0


class ChildError(Exception):
    """A child ended, or does not answer; the message says which and what to look at."""


class Child:
    """A process that was started, and our end of its pipe."""

    def __init__(self, name: str, process: BaseProcess, pipe: "Connection[Any, Any]") -> None:
        self._name = name
        self._process = process
        self._pipe = pipe

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid or 0

    def tell(self, message: object) -> None:
        """Send it something."""
        self._pipe.send(message)

    def hear(self, seconds_max: float = _ANSWER_SECONDS_MAX, report: Callable[[], None] = lambda: None) -> Any:  # noqa: ANN401 - whatever the child sends
        """Return the next thing that it sends. Raises ChildError when it has ended or is silent for too long.

        report -- called every second until then
        """
        end = time.monotonic() + seconds_max
        try:
            while not self._pipe.poll(_LOOK_SECONDS):
                report()
                if time.monotonic() > end:
                    raise ChildError(f"the {self._name} has said nothing for {seconds_max:.0f} s")
            return self._pipe.recv()
        except EOFError:
            raise ChildError(f"the {self._name} has ended by itself: its last words are above") from None


@contextmanager
def run_child(name: str, work: Work, *arguments: object) -> Iterator[Child]:
    """Run `work(pipe, *arguments)` in a new process during the block.

    A fresh interpreter, not a fork: it holds nothing of this one. It ends with this process, even when that is killed.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(work, theirs, *arguments), name=name)
    process.start()
    theirs.close()
    try:
        yield Child(name, process, ours)
    finally:
        process.terminate()
        process.join(_END_SECONDS_MAX)
        process.kill()
        process.join()
        ours.close()


def _run(work: Work, pipe: "Connection[Any, Any]", *arguments: object) -> None:
    """Work, and leave Ctrl-C to the process that measures."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(pipe, *arguments)


def _end_with_parent() -> None:
    """Wait for the end of the process that measures: without it a publisher would go on, or wait for Kafka for ever."""
    if parent := parent_process():
        parent.join()
        os._exit(1)
