"""The crash points of a consumer, in the order in which it comes to them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from aiokafka.protocol.produce import ProduceRequest

from models.catalogue import KINDS
from models.topics import TALLIES
from tests.crashes.consumer_taps import FETCH, LATE_PAGE_SENT, LATE_RECORD_WRITTEN, SEND, TAKE_OVER, WRITE
from tests.crashes.hand import Late, Need
from tests.crashes.places import Call
from tests.crashes.points import (
    DOUBLED_TALLIES,
    LATE_PAGE,
    LOST_ANNOUNCEMENT,
    LOST_REFUSAL,
    NOTHING,
    SKIPPED_AFTERWARDS,
    SKIPPED_AHEAD,
    SKIPPED_BY_CLAIM,
    STOPPING,
    UNCOMMITTED_PAGE,
    UNCOMMITTED_RECORD,
    Brake,
    Moment,
    Point,
    Scene,
    argument,
)

_BEFORE, _AFTER, _UNHEARD = Moment.BEFORE, Moment.AFTER, Moment.UNHEARD
_MIGRATE: Final = "consumers.preparation:migrate"
_BEGIN: Final = "consumers.feed:Feed.begin"
_CUT: Final = "consumers.feed:cut"
_HINT: Final = "consumers.feed:Feed.hint"
_COUNT: Final = "consumers.recorder:count_outcomes"
_OFFER: Final = "consumers.announcer:Announcer.offer"
_PUBLISH: Final = "consumers.outbox:_publish"
_END: Final = "consumers.recorder:Recorder._end"
_FLUSH: Final = "consumers.announcer:Announcer.flush"
_EXECUTE: Final = "asyncpg.connection:Connection.execute"
_LEAVE_TRANSACTION: Final = "asyncpg.transaction:Transaction.__aexit__"
_ASK_KAFKA: Final = "aiokafka.client:AIOKafkaClient.send"
_LEAVE_GROUP: Final = "aiokafka:AIOKafkaConsumer.stop"

# Records that come while a committed batch is counted and announced, and are still there when the process dies.
_UNTIL_MORE: Final = Brake(place=WRITE, begins=LATE_PAGE, until=frozenset({Need.UNCOMMITTED}))
_UNTIL_STOPPED: Final = Brake(place=FETCH, begins=UNCOMMITTED_RECORD, until=STOPPING)


def _is_late_page(late: Late, call: Call) -> bool:
    """Tell whether a page counts the late fact."""
    return late.is_in(argument(call, 1))


def _carries_pages(_late: Late, call: Call) -> bool:
    """Tell whether a request to Kafka is one that announces pages."""
    request = argument(call, 2)
    return isinstance(request, ProduceRequest) and TALLIES.name in dict(request._topics)  # noqa: SLF001 - has no getter


def _is_in_a_group(_late: Late, call: Call) -> bool:
    """Tell whether a client of Kafka is the one that records; others ask something and are closed at any time."""
    return argument(call, 0)._group_id is not None  # noqa: SLF001 - it tells it to nobody


def _are_published(_late: Late, call: Call) -> bool:
    """Tell whether any refused record was published."""
    return bool(call.result)


_starting = partial(Point, role="consume", scene=Scene.START, needs=NOTHING, planted=LOST_ANNOUNCEMENT)
_taking_over = partial(_starting, needs=LATE_PAGE)
_fetching = partial(Point, role="consume", planted=SKIPPED_AHEAD)
_writing = partial(Point, role="consume", moment=_AFTER, within=LATE_RECORD_WRITTEN, planted=SKIPPED_BY_CLAIM)
_adding = partial(Point, role="consume", moment=_AFTER, within=LATE_RECORD_WRITTEN, planted=DOUBLED_TALLIES)
_committed = partial(
    Point,
    role="consume",
    scene=Scene.MORE,
    needs=UNCOMMITTED_PAGE,
    brake=_UNTIL_MORE,
    planted=LOST_ANNOUNCEMENT,
)
_announcing = partial(
    Point, role="consume", scene=Scene.MORE, needs=UNCOMMITTED_PAGE, waits=True, planted=SKIPPED_AFTERWARDS
)
_refusing = partial(Point, role="consume", scene=Scene.AFTERWARDS, waits=True, planted=SKIPPED_AFTERWARDS)
_stopping = partial(Point, role="consume", scene=Scene.STOP, needs=STOPPING, brake=_UNTIL_STOPPED)

FIRST_START: Final = (
    _starting(name="before the migrations", place=_MIGRATE),
    _starting(name="migrations applied, not committed", place="ledger.migrations.apply:_upgrade", moment=_AFTER),
    _starting(name="migrations committed", place=_MIGRATE, moment=_AFTER),
    _starting(name="topics created", place="consumers.preparation:create_topics", moment=_AFTER),
    _starting(name="ledger claimed Kafka", place="consumers.claimant:Claimant._send", moment=_AFTER),
)

_TAKING_OVER: Final = (
    _starting(name="before entering as the owner", place=TAKE_OVER),
    _starting(name="entered as the owner, not committed", place=_LEAVE_TRANSACTION, within=TAKE_OVER),
    _starting(name="ownership committed, unheard", place=_EXECUTE, moment=_UNHEARD, within=TAKE_OVER),
    _starting(name="entered as the owner", place=TAKE_OVER, moment=_AFTER),
    _taking_over(name="page of the idle partition read", place="ledger.progress:read_page", moment=_AFTER),
    _taking_over(name="before the seek", place=_BEGIN),
    _taking_over(name="after the seek", place=_BEGIN, moment=_AFTER),
    _taking_over(name="pages of the take-over offered", place=_OFFER, moment=_AFTER),
    _taking_over(name="taken over", place="consumers.recorder:Recorder._take_over", moment=_AFTER),
)

_FETCHING: Final = (
    _fetching(name="fetched, not decoded", place=_CUT),
    _fetching(name="in the middle of decoding", place="ledger.batch:decode_all", moment=_AFTER),
    _fetching(name="decoded", place=_CUT, moment=_AFTER),
    _fetching(name="handed over to the loop", place=FETCH, moment=_AFTER),
    _fetching(name="before the hint to Kafka", place=_HINT),
    _fetching(name="after the hint to Kafka", place=_HINT, moment=_AFTER),
    _fetching(name="pages announced again", place="consumers.recorder:Recorder._refresh", moment=_AFTER),
    _fetching(name="before the next fetch", place=FETCH),
    _fetching(name="before the transaction", place=WRITE),
    _fetching(name="before the claim", place="ledger.recording:_claim"),
)


def _between_kinds() -> Iterator[Point]:
    """Yield a point after the facts of each kind."""
    for kind in KINDS:

        def is_kind(_late: Late, call: Call, name: str = kind.name) -> bool:
            return bool(argument(call, 1).kind.name == name)

        yield _writing(name=f"facts of {kind.name} recorded", place="ledger.recording:record_facts", concerns=is_kind)


_WRITING: Final = (
    _writing(name="claimed", place="ledger.recording:_claim"),
    _writing(name="before known facts are read", place="ledger.facts:_find_known", moment=_BEFORE),
    _writing(name="known facts read", place="ledger.facts:_find_known"),
    _writing(name="before an insert", place="ledger.facts:_insert", moment=_BEFORE),
    _writing(name="after an insert", place="ledger.facts:_insert"),
    *_between_kinds(),
    _writing(name="facts recorded", place="ledger.recording:_record_facts"),
    _adding(name="tallies added", place="ledger.recording:_add_tallies"),
    _adding(name="duplicates recorded", place="ledger.recording:_record_duplicates"),
    _adding(name="refusals recorded", place="ledger.recording:record_refusals"),
    _adding(name="counters raised", place="ledger.recording:_settle"),
    _adding(name="before COMMIT", place=_LEAVE_TRANSACTION, moment=_BEFORE),
)

COMMITTED_UNHEARD: Final = Point(
    name="COMMIT sent, unheard",
    role="consume",
    place=_EXECUTE,
    moment=_UNHEARD,
    within=LATE_RECORD_WRITTEN,
    planted=LOST_ANNOUNCEMENT,
)
_COMMITTED: Final = (
    COMMITTED_UNHEARD,
    _committed(name="committed, not counted", place=_COUNT),
    _committed(name="counted", place=_COUNT, moment=_AFTER),
    _committed(name="page follows the commit", place="ledger.pages:RunningPage.follow", moment=_AFTER),
    _committed(name="before the offer", place=_OFFER),
    _committed(name="offered", place=_OFFER, moment=_AFTER),
)

_ANNOUNCING: Final = (
    _announcing(name="before a page is sent", place=SEND, concerns=_is_late_page, planted=LOST_ANNOUNCEMENT),
    _announcing(
        name="page sent, unheard", place=_ASK_KAFKA, moment=_AFTER, concerns=_carries_pages, within=LATE_PAGE_SENT
    ),
    _announcing(name="page acknowledged", place=SEND, moment=_AFTER, concerns=_is_late_page),
)

_REFUSING: Final = (
    _refusing(name="before a refused record is published", place=_PUBLISH, planted=LOST_REFUSAL),
    _refusing(name="refused record published, not marked", place=_PUBLISH, moment=_AFTER),
    _refusing(
        name="refused records marked",
        place="consumers.outbox:publish_refusals",
        moment=_AFTER,
        concerns=_are_published,
    ),
)

_STOPPING: Final = (
    _stopping(
        name="before the last batch is finished",
        place=_END,
        needs=STOPPING | UNCOMMITTED_RECORD,
        planted=SKIPPED_AHEAD,
    ),
    _stopping(
        name="last batch finished", place=_END, moment=_AFTER, needs=STOPPING | LATE_PAGE, planted=LOST_ANNOUNCEMENT
    ),
    _stopping(
        name="before the last pages are sent", place=_FLUSH, needs=STOPPING | LATE_PAGE, planted=LOST_ANNOUNCEMENT
    ),
    _stopping(name="before leaving the group", place=_LEAVE_GROUP, concerns=_is_in_a_group, planted=SKIPPED_AFTERWARDS),
)

CONSUMER_POINTS: Final = (
    # Nothing is in hand in the middle of a first start; here, schema and topics are there.
    *(replace(point, name=f"{point.name}, none missing") for point in FIRST_START),
    *_TAKING_OVER,
    *_FETCHING,
    *_WRITING,
    *_COMMITTED,
    *_ANNOUNCING,
    *_REFUSING,
    *_STOPPING,
)
