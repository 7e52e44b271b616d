"""The topology on one page: the tallies topic and one agent a kind, made from the catalogue. No tables: ADR 0014."""

from collections.abc import Callable, Coroutine
from typing import Final

import faust
from faust.types import StreamT

from brokers.timing import HEARTBEAT_SECONDS, METADATA_MILLISECONDS, REQUEST_MILLISECONDS, SESSION_SECONDS
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.tally import Page
from models.topics import TALLIES, WORKER_GROUP
from models.verdicts import judge
from streams.board import Board
from streams.pulse import Pulse
from streams.transport import QuickTransport

ReportCrash = Callable[[Exception], None]
AgentBody = Callable[[StreamT[bytes]], Coroutine[None, None, None]]

# 10 s: Faust wants this to be longer than a session; requests have REQUEST_MILLISECONDS.
_STEP_SECONDS: Final = 10.0


class _App(faust.App):
    """An application that keeps nothing on disk."""

    def _create_directories(self) -> None:
        """Make none: a full or read-only disk is no reason not to show totals."""


def build_app(bootstrap: str, replication_factor: int) -> faust.App:
    """Return the Faust application without agents; nothing connects before it starts."""
    app = _App(
        WORKER_GROUP,
        broker=[f"kafka://{server}" for server in bootstrap.split(",")],
        store="memory://",
        topic_replication_factor=replication_factor,
        topic_disable_leader=True,
        web_enabled=False,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_request_timeout=_STEP_SECONDS,
        producer_request_timeout=REQUEST_MILLISECONDS / 1000,
        consumer_metadata_max_age_ms=METADATA_MILLISECONDS,
        producer_metadata_max_age_ms=METADATA_MILLISECONDS,
        stream_recovery_delay=0.0,  # there is no table to recover
        stream_wait_empty=False,  # a page that is taken twice changes nothing
        consumer_auto_offset_reset="earliest",
        autodiscover=False,
    )
    app.transport = QuickTransport(app.conf.broker_consumer, app)
    return app


def add_agents(app: faust.App, board: Board, pulse: Pulse, report_crash: ReportCrash) -> None:
    """Register one agent a kind.

    report_crash -- called with what escaped an agent's body: a bug, after which the process must end.
    """
    tallies = app.topic(
        TALLIES.name,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        partitions=TALLIES.partitions,
    )
    for kind in KINDS:
        app.agent(tallies, name=f"total_{kind.name}")(_make_body(kind, board, pulse, report_crash))


def _make_body(kind: Kind, board: Board, pulse: Pulse, report_crash: ReportCrash) -> AgentBody:
    """Return the body of the agent that keeps one total: the newest page of each source partition of its kind."""
    own = kind.topic.encode()

    async def keep_total(pages: StreamT[bytes]) -> None:
        try:
            async for event in pages.events():
                pulse.beat(kind.name)
                value = event.value
                # Looked for first: to read a page takes 17 µs. A stranger's record may have no value.
                page = read_page(value) if value and own in value else None
                if page is not None and page.topic == kind.topic:
                    board.take(page, event.message.offset)
        except Exception as bug:
            report_crash(bug)  # Faust would start the agent again and pass over the page for good
            raise

    return keep_total


def read_page(value: bytes) -> Page | None:
    """Read a page; nothing may escape an agent's body, so what is no page of a known topic is passed over."""
    page = judge(lambda: Page.model_validate_json(value), lambda _error: None)
    return page if page and page.topic in KIND_BY_TOPIC else None
