"""The topology on one page: the tallies topic, one table and one agent a kind, made from the catalogue."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Final

import faust
from faust.types import StreamT, TableT
from pydantic import ValidationError

from brokers.timing import HEARTBEAT_SECONDS, METADATA_MILLISECONDS, REQUEST_MILLISECONDS, SESSION_SECONDS
from models.catalogue import KIND_BY_TOPIC, KINDS, Kind
from models.tally import Page
from models.topics import COMPACTED, TALLIES, Topic
from streams.board import Board
from streams.pulse import Pulse
from streams.transport import QuickTransport

Tables = Mapping[str, TableT[str, object]]
ReportCrash = Callable[[Exception], None]
AgentBody = Callable[[StreamT[bytes]], Coroutine[None, None, None]]

APP_ID: Final = "onboarding-totals"
# 10 s for a step of Faust's recovery, which must be longer than a session; requests have REQUEST_MILLISECONDS.
_STEP_SECONDS: Final = 10.0
# 0.5 s: how long a rebalance waits for further workers before tables are recovered.
_RECOVERY_DELAY_SECONDS: Final = 0.5


class _Table(faust.Table[str, object]):
    """A table whose changelog has one partition, as its source has."""

    def partition_for_key(self, key: object) -> int:
        """Return that partition; Faust would end the worker while it has not heard yet that the changelog exists."""
        del key
        return 0


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
        broker_request_timeout=_STEP_SECONDS,
        producer_request_timeout=REQUEST_MILLISECONDS / 1000,
        consumer_metadata_max_age_ms=METADATA_MILLISECONDS,
        producer_metadata_max_age_ms=METADATA_MILLISECONDS,
        stream_recovery_delay=_RECOVERY_DELAY_SECONDS,
        stream_wait_empty=False,  # a page that is taken twice changes nothing
        recovery_consistency_check=False,  # a changelog that was deleted is shorter, and no reason to end
        Table=_Table,
        consumer_auto_offset_reset="earliest",
        autodiscover=False,
    )
    app.transport = QuickTransport(app.conf.broker_consumer, app)
    return app


def add_agents(app: faust.App, board: Board, pulse: Pulse, report_crash: ReportCrash) -> Tables:
    """Register one agent and one table a kind; return the tables by kind.

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
    tables: dict[str, TableT[str, object]] = {}
    for kind in KINDS:
        tables[kind.name] = app.Table(kind.name, partitions=TALLIES.partitions, extra_topic_configs=COMPACTED)
        agent = app.agent(tallies, name=f"total_{kind.name}")
        agent(_make_body(kind, tables[kind.name], board, pulse, report_crash))
    return tables


def describe_changelogs(tables: Tables) -> list[Topic]:
    """Return the topics that keep the tables: made before the application starts, so that it never lacks one."""
    return [Topic(table.changelog_topic.get_topic_name(), TALLIES.partitions, COMPACTED) for table in tables.values()]


def _make_body(
    kind: Kind, table: TableT[str, object], board: Board, pulse: Pulse, report_crash: ReportCrash
) -> AgentBody:
    """Return the body of the agent that keeps one total: the newest page of each source partition of its kind."""

    async def keep_total(pages: StreamT[bytes]) -> None:
        try:
            async for value in pages:
                pulse.beat(kind.name)
                page = read_page(value)
                if page is not None and page.topic == kind.topic and board.take(page):
                    table[str(page.partition)] = page.model_dump(mode="json")
        except Exception as bug:
            report_crash(bug)  # Faust would start the agent again and pass over the page for good
            raise

    return keep_total


def read_page(value: bytes) -> Page | None:
    """Read a page; nothing may escape an agent's body, so what is no page of a known topic is passed over."""
    try:
        page = Page.model_validate_json(value)
    except ValidationError:
        return None
    return page if page.topic in KIND_BY_TOPIC else None


def read_tables(tables: Tables) -> Iterator[Page]:
    """Yield the pages that the recovered tables hold."""
    for table in tables.values():
        for stored in table.values():
            yield Page.model_validate(stored)
