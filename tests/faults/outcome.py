"""What one fault did, as it is kept for the report: one JSON line each."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Phase = Literal["sequential", "overlapping"]


@dataclass(frozen=True)
class Outcome:
    """One fault: when, what it met, and how long it was felt."""

    number: int
    fault: str  # its name
    phase: Phase
    at: float  # seconds since the run began
    held_seconds: float  # from strike to mend
    in_flight: int  # records acknowledged and not yet recorded at the strike
    old_owner: str  # whose work it hit
    new_owner: str  # who went on with it
    outage_seconds: float  # greatest age of an unshown fact while it lasted
    recovery_seconds: float | None  # None: not timed, or not within the run
    effect: str  # what was observed, in words; "" when nothing was


def write_outcomes(path: Path, outcomes: Iterable[Outcome]) -> None:
    """Add outcomes to a file, so that a run that is ended early has told what came before."""
    with path.open("a", encoding="utf-8") as lines:
        lines.writelines(json.dumps(asdict(outcome)) + "\n" for outcome in outcomes)


def read_outcomes(path: Path) -> Sequence[Outcome]:
    """Return the outcomes in a file."""
    with path.open(encoding="utf-8") as lines:
        return [Outcome(**json.loads(line)) for line in lines]
