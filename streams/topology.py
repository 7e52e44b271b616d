"""The topology on one page: the tallies topic, one table and one agent a kind, made from the catalogue."""

from collections.abc import Mapping
from typing import Final

import faust
from faust.types import StreamT, TableT, TopicT
from pydantic import ValidationError

from models.catalogue import KINDS, Kind
from models.tally import Page
from models.topics import COMPACTED, TALLIES
from streams.board import Board
from streams.membership import HEARTBEAT_SECONDS, SESSION_SECONDS
from streams.transport import QuickTransport

Tables = Mapping[str, TableT[str, object]]

APP_ID: Final = "onboarding-totals"
# Faust asks that a request may take longer than a session.
_REQUEST_SECONDS: Final = 10.0
# 0.5 s: how long a rebalance waits for further workers before tables are recovered.
_RECOVERY_DELAY_SECONDS: Final = 0.5


def build_app(bootstrap: str, data_dir: str, replication_factor: int) -> faust.App:
    """Return the Faust application without agents; nothing connects before it starts."""
    app = faust.App(
        APP_ID,
        broker=[f"kafka://{server}" for server in bootstrap.split(",")],
        store="memory://",
        datadir=data_dir,
        topic_replication_factor=replication_factor,
        topic_disable_leader=True,
        table_standby_replicas=1,
        web_enabled=False,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_request_timeout=_REQUEST_SECONDS,
        producer_request_timeout=_REQUEST_SECONDS,
        stream_recovery_delay=_RECOVERY_DELAY_SECONDS,
        consumer_auto_offset_reset="earliest",
        autodiscover=False,
    )
    app.transport = QuickTransport(app.conf.broker_consumer, app)
    return app


def add_agents(app: faust.App, board: Board) -> Tables:
    """Register one agent and one table a kind; return the tables by kind."""
    tallies = app.topic(
        TALLIES.name,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        partitions=TALLIES.partitions,
        config=dict(TALLIES.config),
    )
    tables: dict[str, TableT[str, object]] = {}
    for kind in KINDS:
        tables[kind.name] = app.Table(kind.name, partitions=TALLIES.partitions, extra_topic_configs=COMPACTED)
        _add_agent(app, kind, tallies, tables[kind.name], board)
    return tables


def _add_agent(app: faust.App, kind: Kind, tallies: TopicT, table: TableT[str, object], board: Board) -> None:
    """Register the agent that keeps the total of one kind: the newest page of each of its source partitions."""

    @app.agent(tallies, name=f"total_{kind.name}")
    async def keep_total(pages: StreamT[bytes]) -> None:
        async for event in pages.events():
            page = _read(event.value)
            if page is not None and page.topic == kind.topic and board.take(kind.name, page):
                table[str(page.partition)] = page.model_dump(mode="json")
            board.read(kind.name, event.message.offset)


def _read(value: bytes) -> Page | None:
    """Read a page; nothing may escape an agent's body, so what is no page is passed over."""
    try:
        return Page.model_validate_json(value)
    except ValidationError:
        return None


def fill(board: Board, tables: Tables) -> None:
    """Put the pages of the recovered tables on the board."""
    for name, table in tables.items():
        for stored in table.values():
            board.take(name, Page.model_validate(stored))
