"""One fault run from beginning to end: the stage, both phases, the verdict, and all of it as one result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from onboarding.documents.history import read_commit
from tests.faults.bugs import Bug
from tests.faults.checker import Verdict
from tests.faults.crew import PRODUCT
from tests.faults.fault_run import FaultRun, describe_machine, today
from tests.faults.hunt import Hunt
from tests.faults.outcome import write_outcomes
from tests.faults.progress import Progress
from tests.faults.runner import WHOLE_SECONDS_MAX, BrokenStageError, Runner
from tests.faults.schedule import Kinds, Planned, plan_overlap, plan_sequence
from tests.faults.stage import Stage, open_stage

# 200 records a second: eight a partition, so that it is seen within a fraction of a second when one moves again.
RATE: Final = 200.0
# 10 s: what is promised for a recovery; a planted bug is not waited for any longer.
RECOVERY_SECONDS_PROMISED: Final = 10.0
# 5 tell what is wrong; a second of it is twenty.
_WRONG_MAX: Final = 5


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be run.

    command -- what repeats it, for the report.
    faults -- how many one after the other.
    overlap_seconds -- how long they fall on top of each other.
    bug -- planted in every process, None for the product as it is.
    """

    name: str
    command: str
    seed: int
    brokers: int
    kinds: Kinds
    faults: int
    overlap_seconds: float
    rate: float = field(default=RATE)
    bug: Bug | None = None

    @property
    def program(self) -> Sequence[str]:
        """The Python module that runs the processes."""
        return ("tests.faults.bugs", self.bug) if self.bug else PRODUCT


async def run(order: Order, folder: Path, print_line: Callable[[str], None]) -> FaultRun:
    """Do what was ordered and return what came of it; logs, the operation log and every outcome go to the folder."""
    sequence = plan_sequence(order.seed, order.kinds, order.faults)
    overlap = plan_overlap(order.seed, order.kinds, order.overlap_seconds)
    write = partial(write_outcomes, folder / "outcomes.jsonl")
    async with open_stage(folder, order.brokers, order.seed, order.rate, order.program) as stage:
        progress = Progress(len(sequence), len(overlap), order.overlap_seconds, write, print_line)
        runner = Runner(stage, progress)
        try:
            await (_hunt(stage, progress, sequence) if order.bug else runner.run_sequence(sequence))
            await runner.run_overlap(overlap, order.overlap_seconds)
        except BrokenStageError as error:
            progress.tell(f"the run ends early: {error}")
        progress.tell("waiting for what is under way to be acknowledged")
        verdict = await runner.judge(RECOVERY_SECONDS_PROMISED if order.bug else WHOLE_SECONDS_MAX)
    for ending in stage.crew.crashes:
        progress.tell(f"{ending}: see {ending.name}.log")
    return _sum_up(order, stage, progress, verdict)


async def _hunt(stage: Stage, progress: Progress, planned: Sequence[Planned]) -> None:
    """Do one fault at a time and tell which of them expose the planted bug."""
    hunt = Hunt(stage)
    for each in planned:
        found = await hunt.run(each)
        progress.tell(f"{each.kind.name} -> {found or 'nothing differs'}")
        if found:
            stage.find(f"{each.kind.name}: {found}")


def _sum_up(order: Order, stage: Stage, progress: Progress, verdict: Verdict) -> FaultRun:
    """Put everything into one result."""
    wrong = stage.curve.marks.find_wrong()
    (stage.folder / "unmarked.jsonl").write_text("".join(each.to_line(progress.began_at) for each in wrong))
    return FaultRun(
        name=order.name,
        command=order.command,
        seed=order.seed,
        brokers=order.brokers,
        minutes=progress.seconds / 60,
        machine=describe_machine(),
        commit=read_commit(),
        day=today(),
        **verdict.tally._asdict(),
        dips=len(stage.curve.dips()),
        doubles=len(stage.curve.doubles()),
        unmarked_seconds=sum({each.moment: each.seconds for each in wrong}.values()),
        outcomes=progress.outcomes,
        unmarked=[str(each) for each in wrong[:_WRONG_MAX]],
        discrepancies=[*stage.findings, *verdict.discrepancies],
    )
