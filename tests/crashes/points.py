"""What a crash point is: a place, before or after, and what must be in hand there."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final, NamedTuple

from tests.crashes.hand import Late, Need
from tests.crashes.places import Call
from tests.crashes.planted import Bug

Concern = Callable[[Late, Call], bool]


class Moment(Enum):
    """When a process dies, seen from one function."""

    BEFORE = "before"
    AFTER = "after"
    UNHEARD = "done by the server, the answer not read"


class Scene(StrEnum):
    """What the test does so that a process comes to its point with work in hand."""

    START = "a batch with the late fact is recorded and its page is heard by nobody; then the process starts"
    BATCH = "a batch with the late fact is there, or comes"
    MORE = "as BATCH; when the process waits, more records come, none of them for the idle partition"
    AFTERWARDS = "a batch without the late fact; when the process waits, the batch with it"
    STOP = "as BATCH; when the process waits, more records come, and SIGTERM"


UNCOMMITTED_RECORD: Final = frozenset({Need.UNCOMMITTED, Need.LATE_RECORD})
UNCOMMITTED_PAGE: Final = frozenset({Need.UNCOMMITTED, Need.LATE_PAGE})
LATE_PAGE: Final = frozenset({Need.LATE_PAGE})
STOPPING: Final = frozenset({Need.STOPPING})
NOTHING: Final[frozenset[Need]] = frozenset()


class Plant(NamedTuple):
    """A bug, and the process that it is planted in: the one that dies, or the one that goes on."""

    bug: Bug
    in_the_dead: bool


SKIPPED_AHEAD: Final = Plant(Bug.FACTS_SKIPPED, in_the_dead=True)
SKIPPED_AFTERWARDS: Final = Plant(Bug.FACTS_SKIPPED, in_the_dead=False)
SKIPPED_BY_CLAIM: Final = Plant(Bug.CLAIM_APART, in_the_dead=True)
DOUBLED_TALLIES: Final = Plant(Bug.TALLIES_APART, in_the_dead=True)
DOUBLED_PAGE: Final = Plant(Bug.COUNTED_TWICE, in_the_dead=False)
LOST_ANNOUNCEMENT: Final = Plant(Bug.ANNOUNCED_ONCE, in_the_dead=False)
LOST_PAGE: Final = Plant(Bug.NOT_CAUGHT_UP, in_the_dead=False)
LOST_REFUSAL: Final = Plant(Bug.MARKED_FIRST, in_the_dead=True)


def any_call(_late: Late, _call: Call) -> bool:
    """Every call concerns a point that names a function with one task."""
    return True


@dataclass(frozen=True, kw_only=True)
class Brake:
    """Where a process is held up, from when it has one thing in hand until it has another."""

    place: str
    moment: Moment = Moment.AFTER
    begins: frozenset[Need]
    until: frozenset[Need]


@dataclass(frozen=True, kw_only=True)
class Point:
    """A named place where a process is killed.

    planted -- the bug that a crash here must reveal
    waits -- whether the process is held up at the place until it has in hand what is needed; for tasks that run beside
    the one that brings it. Otherwise calls pass until it has.
    """

    name: str
    role: str  # the command: consume or total
    place: str
    moment: Moment = Moment.BEFORE
    scene: Scene = Scene.BATCH
    planted: Plant
    needs: frozenset[Need] = UNCOMMITTED_RECORD
    concerns: Concern = any_call
    waits: bool = False
    within: str = ""  # what must be under way, as a tap names it
    brake: Brake | None = None

    @property
    def is_late_day_recorded(self) -> bool:
        """Whether Postgres has the late day when the process dies."""
        return Need.LATE_RECORD not in self.needs or self.moment is Moment.UNHEARD

    @property
    def is_work_left(self) -> bool:
        """Whether there are records that Postgres has not when the process dies."""
        return self.role == "consume" and (self.moment is not Moment.UNHEARD or self.scene is Scene.START)

    def __str__(self) -> str:
        """Return the name that a test run shows."""
        return self.name


def argument(call: Call, position: int) -> Any:
    """Return an argument of a call by position; None when it has fewer."""
    return call.arguments[position] if position < len(call.arguments) else None
