"""Which faults a run does, and when: pure, and the same for the same seed."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, NamedTuple

from tests.faults.faults.fault import Fault

# 1 to 5 s between two strikes: with faults held for up to 14 s, several are on at any time.
_GAP_SECONDS: Final = (1.0, 5.0)
# 8 s from the mend of a fault to the next of the same harm: else one victim is never seen to come back.
OVERLAP_REST_SECONDS: Final = 8.0
# 20 s at the end of the overlapping phase without a new strike: the longest hold and a little.
_LAST_SECONDS: Final = 20.0

Kinds = Sequence[type[Fault]]


class Planned(NamedTuple):
    """One fault to come.

    at -- seconds after the beginning of its phase; of no meaning where faults follow one another.
    seed -- decides whatever the fault leaves to chance.
    """

    number: int
    at: float
    kind: type[Fault]
    hold_seconds: float
    seed: int


def choose_kinds(kinds: Kinds, brokers: int) -> Kinds:
    """Return the kinds that make sense with so many brokers."""
    return [kind for kind in kinds if kind.needs_brokers <= brokers]


def plan_sequence(seed: int, kinds: Kinds, count: int) -> list[Planned]:
    """Return so many faults to be done one after the other: every kind in turn, each round in another order."""
    random = Random(seed)  # noqa: S311 - must be repeatable, guards nothing
    rounds = _draw_rounds(random, kinds)
    return [_plan(random, number, 0.0, next(rounds)) for number in range(1, count + 1)]


def plan_overlap(seed: int, kinds: Kinds, seconds: float) -> list[Planned]:
    """Return faults that fall on top of each other, never two of the same harm at once, for so long."""
    random, at = Random(seed), 0.0  # noqa: S311 - as above
    free_at = dict.fromkeys((kind.harm for kind in kinds), 0.0)
    found: list[Planned] = []
    while (at := at + random.uniform(*_GAP_SECONDS)) < seconds - _LAST_SECONDS:
        possible = [kind for kind in kinds if free_at[kind.harm] <= at]
        if possible:
            planned = _plan(random, len(found) + 1, at, random.choice(possible))
            free_at[planned.kind.harm] = at + planned.hold_seconds + OVERLAP_REST_SECONDS
            found.append(planned)
    return found


def _draw_rounds(random: Random, kinds: Kinds) -> Iterator[type[Fault]]:
    """Yield the kinds for ever, every one once a round."""
    while True:
        yield from random.sample(kinds, len(kinds))


def _plan(random: Random, number: int, at: float, kind: type[Fault]) -> Planned:
    return Planned(number, at, kind, random.uniform(*kind.hold_seconds), random.randrange(2**32))
