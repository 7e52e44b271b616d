"""`python -m tests.fuzz.valid MINUTES`: valid events from a new seed, on every core; not one may be refused."""

import sys
from typing import Final, NamedTuple

from models.catalogue import KINDS
from models.decoding.many_records import decode_all
from models.outcomes import Refused
from tests.fuzz.rounds import try_for
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


if __name__ == "__main__":
    sys.exit(try_for(float(sys.argv[1]), try_round, _ROUND_EVENTS, "valid events"))
