"""Tries cases one after the other: each alert must be silent before the fault, fire by it, and be over after it."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Event, Thread
from typing import Any, Final

from tests.alerts.case import Case
from tests.alerts.stage import Stage
from tests.alerts.watch import Watch

# 240 s: the longest takes 100; a shortened duration is 60 s at most, and some faults need the same to be seen.
_SECONDS_MAX: Final = 240.0
_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Seen:
    """What was seen of one case.

    others -- what fired besides: what follows, and what earlier faults have left behind
    fired_seconds -- from the fault until the last of its alerts was there
    resolved_seconds -- from then, over the mending, until none of them was
    """

    case: str
    alerts: list[str]
    inhibited: list[str]
    others: list[str]
    fired_seconds: float
    resolved_seconds: float


class Lookout:
    """Looks at Prometheus and Alertmanager again and again, and remembers which alerts it has seen."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._ended = Event()
        self.fired: set[str] = set()
        self.told: set[str] = set()
        self.inhibited: set[str] = set()

    def look(self) -> None:
        """Look until ended."""
        while not self._ended.wait(_LOOK_SECONDS):
            self.fired |= self._watch.firing()
            told = self._watch.told()
            self.told |= told.keys()
            self.inhibited |= {name for name, suppressed in told.items() if suppressed}

    def end(self) -> None:
        """Let `look` return."""
        self._ended.set()


@contextmanager
def looking(watch: Watch) -> Iterator[Lookout]:
    """Look while the block runs, from a thread of its own: what strikes may hold up the loop."""
    lookout = Lookout(watch)
    thread = Thread(target=lookout.look, daemon=True)
    thread.start()
    try:
        yield lookout
    finally:
        lookout.end()
        thread.join()


async def run(stage: Stage, cases: Sequence[Case], tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """Try cases; return what was seen of each. Raises TimeoutError at the first alert that does not do as it must."""
    seen = []
    for case in cases:
        tell(f"{case.name} ...")
        seen.append(await _try(stage, case))
        tell(f"{case.name}: {', '.join(seen[-1].alerts)} fired within {seen[-1].fired_seconds:.0f} s")
    return [asdict(each) for each in seen]


async def _try(stage: Stage, case: Case) -> Seen:
    """Strike, see the alerts fire and arrive, mend, and see them end."""
    await _await(lambda: not case.alerts & stage.watch.firing(), f"before {case.name}: none of {sorted(case.alerts)}")
    began = time.monotonic()
    with looking(stage.watch) as lookout:
        async with case.strike(stage):
            what = f"{case.name}: all of {sorted(case.alerts)}, inhibited {sorted(case.inhibited)}"
            await _await(lambda: _is_complete(case, lookout), what)
            fired = time.monotonic()
        await _await(
            lambda: not case.alerts & stage.watch.firing(), f"after {case.name}: none of {sorted(case.alerts)}"
        )
    resolved = time.monotonic()
    seen = (sorted(case.alerts), sorted(case.inhibited), sorted(lookout.fired - case.alerts))
    return Seen(case.name, *seen, fired - began, resolved - fired)


def _is_complete(case: Case, lookout: Lookout) -> bool:
    return case.alerts <= lookout.fired & lookout.told and case.inhibited <= lookout.inhibited


async def _await(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds. Raises TimeoutError that says what does not."""
    deadline = time.monotonic() + _SECONDS_MAX
    while not await asyncio.to_thread(holds):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {_SECONDS_MAX:g} s")
        await asyncio.sleep(_LOOK_SECONDS)
