"""Starts the ordinary command in this process; taps and a trigger are put around its functions for one crash point."""

import json
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Final, Protocol

from onboarding.cli.main import main
from tests.crashes.consumer_points import CONSUMER_POINTS, FIRST_START
from tests.crashes.consumer_taps import ConsumerTaps
from tests.crashes.hand import Hand, Late
from tests.crashes.planted import Bug
from tests.crashes.trigger import Trigger
from tests.crashes.worker_points import WORKER_POINTS
from tests.crashes.worker_taps import WorkerTaps

POINTS: Final = {point.name: point for point in (*FIRST_START, *CONSUMER_POINTS, *WORKER_POINTS)}
# Names the file that holds the name of a point and its late fact when SIGUSR1 comes.
ORDER: Final = "CRASH_ORDER"


class _Taps(Protocol):
    def attach(self) -> None: ...


def run(role: str, bugs: Iterable[Bug]) -> None:
    """Run a command of ours as it is, or with planted bugs. From SIGUSR1 on it runs to a crash point."""
    for bug in bugs:
        bug.plant()
    signal.signal(signal.SIGUSR1, _obey)
    main([role], prog_name="onboarding")


def run_to_point(name: str, late: Late, bugs: Iterable[Bug]) -> None:
    """Run the point's command until it comes there with everything in hand. Raises PlaceGoneError at the start."""
    for bug in bugs:
        bug.plant()
    _arm(name, late)
    main([POINTS[name].role], prog_name="onboarding")


def _obey(_number: int, _frame: FrameType | None) -> None:
    """Begin to run to the point that was ordered."""
    name, late = json.loads(Path(os.environ[ORDER]).read_text())
    _arm(name, Late(*late))


def _arm(name: str, late: Late) -> None:
    """Put a trigger and taps around the functions of the product in this process."""
    point = POINTS[name]
    hand = Hand(point.name, late)
    trigger = Trigger(point, hand)
    taps: _Taps = ConsumerTaps(hand) if point.role == "consume" else WorkerTaps(hand)
    trigger.set()
    taps.attach()
    trigger.set_brake()
    hand.report("armed")
