"""Invented citizens: each has a number that no person has, a pseudonym and a province, all from the seed."""

from typing import Final

from models.pseudonym import pseudonym
from upstream.simulation.apportionment import make_slots
from upstream.simulation.populations import POPULATION_THOUSANDS

_PROVINCES: Final = make_slots(POPULATION_THOUSANDS)
# 4 hex digits are 16 bits, which choose one of 65,536 slots.
_SLOT_DIGITS: Final = 4


class Citizens:
    """The citizens of one history, by ordinal in the order of their records."""

    def __init__(self, seed: int) -> None:
        self._key = f"a public demonstration key, no secret; seed {seed}".encode()

    def subject(self, ordinal: int) -> str:
        """Return a citizen's pseudonym; real numbers begin with a province code below 100, these with 9."""
        return pseudonym(self._key, f"9{ordinal:011}")


def province_of(subject: str) -> str:
    """Return the province code of an invented citizen; it is drawn by population from the pseudonym."""
    return _PROVINCES[int(subject[:_SLOT_DIGITS], 16)]
