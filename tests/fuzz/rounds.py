"""Rounds of work from new seeds, on every core, until a time is over or one of them has found something."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from secrets import randbits


def try_for(minutes: float, try_round: Callable[[int], object], each: int, what: str) -> int:
    """Try rounds for so many minutes; return 1 when one has found something, which is told, and 0 where none has.

    try_round -- takes a seed, and returns what it has found; nothing that is true where it has found nothing
    each -- how much is tried in a round
    what -- of what, as it is told
    """
    began, workers, tried = time.monotonic(), cpu_count() or 1, 0
    with ProcessPoolExecutor(workers) as pool:
        while time.monotonic() < began + 60 * minutes:
            for found in filter(None, pool.map(try_round, [randbits(60) for _worker in range(workers)])):
                print(f"found: {found}")  # noqa: T201 - this is what a person waits for
                return 1
            tried += workers * each
            rate = tried / (time.monotonic() - began)
            print(f"{tried:,} {what}, nothing found, {rate:,.0f} a second", flush=True)  # noqa: T201 - the same
    return 0
