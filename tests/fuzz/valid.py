"""`python -m tests.fuzz.valid MINUTES`: valid events from a new seed, on every core; not one may be refused."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from os import cpu_count
from secrets import randbits
from typing import Final, NamedTuple

from models.catalogue import KINDS
from models.decoding.many_records import decode_all
from models.outcomes import Refused
from tests.models.valid_events import valid_batches

# Some 10 s of work: so often a person hears of it.
_ROUND_EVENTS: Final = 500_000


class Refusal(NamedTuple):
    """A valid event that was refused."""

    seed: int
    outcome: Refused
    value: bytes


def try_round(seed: int) -> Refusal | None:
    """Decode valid events of every kind as consumers do, batch by batch; return the first that is refused."""
    for kind in KINDS:
        for batch in valid_batches(kind, _ROUND_EVENTS // len(KINDS), seed):
            for place, outcome in decode_all(kind.topic, batch).refused:
                return Refusal(seed, outcome, batch.values[place] or b"")
    return None


def _until(deadline: float) -> Iterator[int]:
    """Yield seeds that follow on a random one until the time is over."""
    first = randbits(32)
    for number in count(first):
        if time.monotonic() > deadline:
            return
        yield number


def main(minutes: float) -> int:
    """Try valid events for so many minutes; return 1 when one was refused."""
    began, workers, tried = time.monotonic(), cpu_count() or 1, 0
    seeds = _until(began + 60 * minutes)
    with ProcessPoolExecutor(workers) as pool:
        while batch := [seed for seed, _ in zip(seeds, range(workers), strict=False)]:
            for refusal in filter(None, pool.map(try_round, batch)):
                print(f"refused: {refusal}")  # noqa: T201 - this is what a person waits for
                return 1
            tried += len(batch) * _ROUND_EVENTS
            rate = tried / (time.monotonic() - began)
            print(f"{tried:,} valid events, none refused, {rate:,.0f} a second", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
