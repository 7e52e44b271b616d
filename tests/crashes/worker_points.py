"""The crash points of a stream worker, in the order in which it comes to them."""

from functools import partial
from typing import Final

from streams import membership
from tests.crashes.hand import Late
from tests.crashes.places import Call
from tests.crashes.points import (
    DOUBLED_PAGE,
    LATE_PAGE,
    LOST_PAGE,
    NOTHING,
    STOPPING,
    UNCOMMITTED_PAGE,
    Brake,
    Moment,
    Point,
    Scene,
    argument,
)
from tests.crashes.worker_taps import COMMIT_OFFSETS, STAND_BY

_AFTER = Moment.AFTER
_CREATE: Final = "streams.process:create_topics"
_CATCH_UP: Final = "streams.process:read_announced"
_TAKE: Final = "streams.board:Board.take"
_ACTIVATE: Final = "streams.board:Board.activate"
_ASK: Final = "streams.membership:Membership._ask"

_UNTIL_LATE: Final = Brake(place=_ASK, begins=NOTHING, until=UNCOMMITTED_PAGE)
_UNTIL_STOPPED: Final = Brake(place=COMMIT_OFFSETS, moment=Moment.BEFORE, begins=LATE_PAGE, until=STOPPING)


def _takes_late_page(late: Late, call: Call) -> bool:
    """Tell whether the page in a call is the one with the late fact."""
    return late.is_in(argument(call, 1))


def _is_heartbeat(_late: Late, call: Call) -> bool:
    """Tell whether it is by a heartbeat that Faust's Kafka consumer is asked."""
    return argument(call, 1) is membership._look  # noqa: SLF001 - the question is named nowhere else


_starting = partial(Point, role="total", scene=Scene.START, needs=NOTHING, planted=DOUBLED_PAGE)
_catching_up = partial(_starting, needs=LATE_PAGE)
_taking = partial(Point, role="total", needs=UNCOMMITTED_PAGE, concerns=_takes_late_page, planted=DOUBLED_PAGE)
_committing = partial(Point, role="total", place=COMMIT_OFFSETS, needs=UNCOMMITTED_PAGE, planted=DOUBLED_PAGE)
_confirming = partial(Point, role="total", scene=Scene.AFTERWARDS, needs=UNCOMMITTED_PAGE, planted=DOUBLED_PAGE)
_stopping = partial(
    Point,
    role="total",
    scene=Scene.STOP,
    needs=UNCOMMITTED_PAGE | STOPPING,
    brake=_UNTIL_STOPPED,
    planted=DOUBLED_PAGE,
)

WORKER_POINTS: Final = (
    _starting(name="before the tallies topic is made", place=_CREATE),
    _starting(name="tallies topic is there", place=_CREATE, moment=_AFTER),
    _starting(name="rebalanced", place="streams.membership:Membership.begin"),
    _starting(name="before the catch-up", place=_CATCH_UP),
    _starting(name="caught up, no page read", place=_CATCH_UP, moment=_AFTER),
    _catching_up(name="before the late page is taken over", place=_TAKE, concerns=_takes_late_page),
    _catching_up(name="late page taken over", place=_TAKE, moment=_AFTER, concerns=_takes_late_page),
    _catching_up(name="before it becomes active", place=_ACTIVATE),
    _catching_up(name="active", place=_ACTIVATE, moment=_AFTER),
    _taking(name="page received", place=_TAKE),
    _taking(name="page taken", place=_TAKE, moment=_AFTER),
    _committing(name="before Faust commits offsets"),
    _committing(name="offsets committed", moment=_AFTER, planted=LOST_PAGE),
    _confirming(name="before the heartbeat", place=_ASK, concerns=_is_heartbeat, waits=True),
    _confirming(name="heartbeat answered", place="streams.membership:Membership._note", brake=_UNTIL_LATE),
    _confirming(name="lease renewed", place="streams.board:Board.confirm", moment=_AFTER, brake=_UNTIL_LATE),
    _stopping(name="before the totals are taken down", place=STAND_BY),
    _stopping(name="totals taken down", place=STAND_BY, moment=_AFTER),
    _stopping(
        name="Faust has stopped",
        place="faust:App.stop",
        moment=_AFTER,
        needs=LATE_PAGE | STOPPING,
        planted=LOST_PAGE,
    ),
)
