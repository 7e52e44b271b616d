"""`python -m tests.fuzz.equality MINUTES`: records that are nearly events, from new seeds, decoded in both ways."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from secrets import randbits
from typing import Final

from models.catalogue import KINDS
from tests.models.test_equality import find_difference

# Some 5 s of work: so often a person hears of it.
_ROUND_SEEDS: Final = 200


def try_round(first: int) -> str:
    """Compare both ways over the seeds from one on, for every kind; return the first difference, "" for none."""
    differences = (find_difference(kind, seed) for seed in range(first, first + _ROUND_SEEDS) for kind in KINDS)
    return next(filter(None, differences), "")


def main(minutes: float) -> int:
    """Compare for so many minutes; return 1 when there was a difference."""
    began, workers, tried = time.monotonic(), cpu_count() or 1, 0
    with ProcessPoolExecutor(workers) as pool:
        while time.monotonic() < began + 60 * minutes:
            for found in filter(None, pool.map(try_round, [randbits(60) for _worker in range(workers)])):
                print(found)  # noqa: T201 - this is what a person waits for
                return 1
            tried += workers * _ROUND_SEEDS * len(KINDS)
            print(f"{tried:,} batches, decoded the same in both ways", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
