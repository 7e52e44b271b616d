"""What every kind of fault has: harm, how long it lasts, how it is undone, and proof that it had an effect."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from random import Random
from typing import ClassVar

from tests.faults.stage import Stage


class Fault(ABC):
    """One fault, done once.

    name -- what the report calls it.
    harm -- what it is done to; two faults of the same harm are never done at the same time.
    hold_seconds -- the least and the greatest time between strike and mend.
    needs_brokers -- brokers without which it makes no sense.
    mended_by_strike -- whether its cause is gone with the strike itself, so that recovery counts from there.
    """

    name: ClassVar[str]
    harm: ClassVar[str]
    hold_seconds: ClassVar[tuple[float, float]] = (0.0, 0.0)
    needs_brokers: ClassVar[int] = 1
    mended_by_strike: ClassVar[bool] = False

    def __init__(self, random: Random) -> None:
        self.random = random
        self.old_owner = ""
        self.new_owner = ""

    @abstractmethod
    async def strike(self, stage: Stage) -> None:
        """Do the harm. Raises NotStruckError when what it needs is not there."""

    async def mend(self, stage: Stage) -> None:
        """Undo the harm; a fault that leaves nothing behind undoes nothing."""
        del stage

    async def name_effect(self, stage: Stage, since: float) -> str:
        """Say what was seen of the fault after a moment; empty when nothing was."""
        return "; ".join(stage.symptoms(since))


def describe(errors: Mapping[str, int]) -> str:
    """Return the classes of errors with how often each was met."""
    return ", ".join(f"{times} {name}" for name, times in sorted(errors.items()))
