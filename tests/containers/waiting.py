"""Waiting for a condition of another process, which cannot tell us when it has come true."""

import time
from collections.abc import Callable

# 0.1 s: a look costs a few milliseconds; a start takes seconds.
LOOK_SECONDS = 0.1


def await_condition(holds: Callable[[], bool], what: str, seconds_max: float) -> None:
    """Return once `holds()` is true; raise TimeoutError naming `what` after `seconds_max`."""
    deadline = time.monotonic() + seconds_max
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds_max:g} s")
        time.sleep(LOOK_SECONDS)
