"""Keeps what became of each fault, and tells the person who watches, with the time that is left."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.faults.outcome import Outcome


@dataclass
class Progress:
    """The outcomes of one run so far.

    sequential, overlapping -- how many faults of each phase there will be.
    overlap_seconds -- how long the second phase takes.
    write -- called with each outcome, to keep it on disk.
    print_line -- called with each line for the person who watches.
    """

    sequential: int
    overlapping: int
    overlap_seconds: float
    write: Callable[[Sequence[Outcome]], None]
    print_line: Callable[[str], None]
    began_at: float = field(default_factory=time.monotonic, init=False)
    outcomes: list[Outcome] = field(default_factory=list, init=False)

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return time.monotonic() - self.began_at

    def tell(self, text: str) -> None:
        """Print a line with the moment in front."""
        self.print_line(f"{_say(self.seconds)}  {text}")

    def keep(self, outcome: Outcome) -> None:
        """Keep one more outcome and tell of it."""
        self.outcomes.append(outcome)
        self.write([outcome])
        of = self.sequential if outcome.phase == "sequential" else self.overlapping
        recovery = "" if outcome.recovery_seconds is None else f", recovery {outcome.recovery_seconds:.1f} s"
        felt = f"outage {outcome.outage_seconds:.1f} s{recovery}; {outcome.effect or 'no effect seen'}"
        self.tell(f"{outcome.phase} {outcome.number} of {of}: {outcome.fault}; {felt}; {_say(self.left_seconds)} left")

    @property
    def left_seconds(self) -> float:
        """How long the faults to come will take, at the pace of those behind."""
        done = sum(outcome.phase == "sequential" for outcome in self.outcomes)
        if done < self.sequential:
            pace = self.seconds / max(done, 1)
            return pace * (self.sequential - done) + self.overlap_seconds
        overlap_began_at = max((each.at for each in self.outcomes if each.phase == "sequential"), default=0.0)
        return max(0.0, overlap_began_at + self.overlap_seconds - self.seconds)


def _say(seconds: float) -> str:
    """Write seconds as h:mm:ss."""
    return str(timedelta(seconds=round(seconds)))
