"""Where bytes from outside are read, every error is a verdict about these bytes; this says which errors are none."""

from collections.abc import Callable
from typing import Final, TypeVar

_Read = TypeVar("_Read")

# Everything else that is raised over bytes from outside says something about these bytes: also the panic of a library
# in Rust, which is a BaseException and nothing more. For code that awaits nothing: there no cancellation arrives.
NO_VERDICTS: Final = (MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit)


def judge(read: Callable[[], _Read], verdict: Callable[[BaseException], _Read]) -> _Read:
    """Return what is read of an input, or the verdict over it. Raises only what says nothing of the input."""
    try:
        return read()
    except NO_VERDICTS:
        raise
    except BaseException as error:  # noqa: BLE001 - this is the boundary
        return verdict(error)
