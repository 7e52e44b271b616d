"""`python -m tests.fuzz.equality MINUTES`: records that are nearly events, from new seeds, decoded in both ways."""

import sys
from typing import Final

from models.catalogue import KINDS
from tests.fuzz.rounds import try_for
from tests.models.both_ways import find_difference

# Some 5 s of work: so often a person hears of it.
_ROUND_SEEDS: Final = 200


def try_round(first: int) -> str:
    """Compare both ways over the seeds from one on, for every kind; return the first difference, "" for none."""
    differences = (find_difference(kind, seed) for seed in range(first, first + _ROUND_SEEDS) for kind in KINDS)
    return next(filter(None, differences), "")


if __name__ == "__main__":
    sys.exit(try_for(float(sys.argv[1]), try_round, _ROUND_SEEDS * len(KINDS), "batches in both ways"))
