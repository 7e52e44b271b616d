"""Every query of every panel has an answer, once real processes have seen real traffic of all that can happen."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS, Kind
from tests.compose.questions import ask_ledger, find_faults, find_ledger_faults
from tests.compose.stack import Stack
from tests.compose.waiting import await_answer
from tests.containers.waiting import await_condition
from tests.integration.events import make_event, make_record, to_record
from tests.monitoring.boards import Asked, questions_of, read_boards
from upstream.publishing.outgoing import Outgoing

pytestmark = pytest.mark.slow

SOURCE: Final = "urn:vn:project06:intake-desk"
# 150 s: the auditor looks at the clock every 60 s, "the last event" is known to the minute, and a scrape takes five.
ANSWERED_SECONDS_MAX: Final = 150
# As many as the stack has: a counter that was never scraped at 0 has risen for nobody.
CONSUMERS: Final = 2
QUESTIONS: Final = list(questions_of(read_boards()))
# Longer ago than the three days for which a day stays open.
CLOSED: Final = timedelta(days=6)


def traffic() -> list[Outgoing]:
    """Return facts of every kind today, yesterday and on a day that is closed, each duplicate, and a refused record."""
    now = datetime.now(UTC)
    moments = [(now - ago).isoformat() for ago in (timedelta(), timedelta(days=1), CLOSED)]
    facts = [make_record(kind, source=SOURCE, time=moment) for kind in KINDS for moment in moments]
    login = make_event(LOGINS, source=SOURCE, time=moments[0])
    again = [login, login, login | {"id": make_event(LOGINS)["id"]}, login | {"time": moments[1]}]
    refused = make_record(IDENTITY_RECORDS, source=SOURCE, time=moments[0], data={"province": "99"})
    return [*facts, *(to_record(LOGINS, event) for event in again), refused, *one_citizen(now - CLOSED)]


def one_citizen(activated_at: datetime) -> list[Outgoing]:
    """Return a record and, an hour later, the activation of the account of the same citizen."""
    record = make_event(IDENTITY_RECORDS, source=SOURCE, time=(activated_at - timedelta(hours=1)).isoformat())
    same = {"source": SOURCE, "subject": record["subject"], "data": {"province": record["data"]["province"]}}
    account = make_event(ACCOUNTS, **same, time=activated_at.isoformat())
    return [to_record(IDENTITY_RECORDS, record), to_record(ACCOUNTS, account)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy(stack: Stack) -> Stack:
    """Give the running stack after the traffic, with opening balances and an auditor that has seen it all."""
    await_answer(stack, "count(count by (instance) (onboarding_records_consumed_total))", CONSUMERS)
    async with AIOKafkaProducer(bootstrap_servers=stack.address("KAFKA_PORT"), acks="all") as producer:
        for record in traffic():
            await producer.send_and_wait(record.topic, record.value, record.key)
    onboarding = ("exec", "-T", "consumer", "onboarding")
    for kind in KINDS:
        if kind.about is None:
            figures = ("--as-of", "2024-06-09", "--facts", "1000", "--source", "a test")
            stack.run(*onboarding, "opening-balance", "set", kind.name, *figures)
    stack.run("restart", "audit")
    return stack


@pytest_asyncio.fixture(loop_scope="module")
async def reader(busy: Stack) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection with the role that Grafana has."""
    address = busy.address("POSTGRES_PORT")
    connection = await asyncpg.connect(f"postgresql://onboarding_reader:reader@{address}/onboarding")
    yield connection
    await connection.close()


def test_every_query_of_prometheus_has_an_answer(busy: Stack) -> None:
    """A panel that stays empty, or whose legend names a label that is not there, is found before anyone sees it."""
    address = busy.address("PROMETHEUS_PORT")
    open_questions = [asked for asked in QUESTIONS if asked.of_prometheus]
    faults: list[str] = []

    def is_answered() -> bool:
        faults[:] = [fault for asked in open_questions for fault in find_faults(address, asked, SOURCE)]
        return not faults

    try:
        await_condition(is_answered, "every query of Prometheus has an answer", ANSWERED_SECONDS_MAX)
    except TimeoutError:
        assert faults == []


@pytest.mark.asyncio(loop_scope="module")
async def test_every_query_of_the_ledger_has_an_answer(busy: Stack, reader: asyncpg.Connection) -> None:
    """With the role that Grafana has: a view that it may not read would be an error in the panel."""
    del busy
    open_questions = [asked for asked in QUESTIONS if not asked.of_prometheus]
    deadline = asyncio.get_running_loop().time() + ANSWERED_SECONDS_MAX
    faults = ["not asked yet"]
    while faults and asyncio.get_running_loop().time() < deadline:
        faults = [fault for asked in open_questions for fault in await find_ledger_faults(reader, asked, SOURCE)]
        await asyncio.sleep(1)
    assert faults == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.asyncio(loop_scope="module")
async def test_the_board_shows_each_fact_once(busy: Stack, reader: asyncpg.Connection, kind: Kind) -> None:
    """The total that Prometheus saw and the growth that Postgres knows are what was sent, without what came again."""
    sent = 3 + (kind in (LOGINS, IDENTITY_RECORDS, ACCOUNTS))
    total, growth = find_question(kind.title), find_question(f"{kind.title}: growth per day")
    await asyncio.to_thread(await_answer, busy, total.text, sent)
    days = await ask_ledger(reader, growth, SOURCE)
    assert sum((day["final"] or 0) + (day["provisional"] or 0) for day in days) == sent


def find_question(title: str) -> Asked:
    """Return what the panel of this title asks first on the board for officials."""
    return next(asked for asked in QUESTIONS if (asked.board, asked.panel["title"]) == ("en/onboarding.json", title))


@pytest.mark.asyncio(loop_scope="module")
async def test_a_query_without_an_answer_is_found(busy: Stack, reader: asyncpg.Connection) -> None:
    """The checks above fire: for a metric that is not there, a label that is not there, and an empty column."""
    address = busy.address("PROMETHEUS_PORT")
    known = next(asked for asked in QUESTIONS if asked.of_prometheus and asked.target["instant"])
    nothing = known._replace(target={**known.target, "expr": "max(onboarding_nothing_total)"})
    unlabelled = known._replace(target={**known.target, "legendFormat": "{{nowhere}}"})
    assert "no data" in find_faults(address, nothing, SOURCE)[0]
    assert "no label {'nowhere'}" in find_faults(address, unlabelled, SOURCE)[0]
    asked = next(asked for asked in QUESTIONS if not asked.of_prometheus)
    assert (
        "nothing {'value'}" in (await find_ledger_faults(reader, _planted(asked, "SELECT NULL AS value"), SOURCE))[-1]
    )
    assert "no row" in (await find_ledger_faults(reader, _planted(asked, "SELECT 1 WHERE false"), SOURCE))[0]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_reader_may_read_no_fact(busy: Stack, reader: asyncpg.Connection) -> None:
    """Whoever has the password of the panels sees counts: no table of the ledger, and nothing that can be written."""
    del busy
    tables = [row[0] for row in await reader.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert {kind.table for kind in KINDS} < set(tables)
    for table in tables:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.fetch(f"SELECT FROM public.{table}")
    await reader.execute("SET default_transaction_read_only = off")  # a default: any session may change it
    for forbidden in (
        "CREATE TABLE public.planted ()",
        "CREATE TEMPORARY TABLE planted ()",
        "SELECT pg_advisory_lock(1)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(forbidden)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_views_hold_nothing_of_a_citizen(busy: Stack, reader: asyncpg.Connection) -> None:
    """A column more in a view is a decision, made here."""
    del busy
    columns = await reader.fetch("SELECT column_name FROM information_schema.columns WHERE table_schema = 'dashboard'")
    assert {row[0] for row in columns} == {
        *(
            "topic",
            "source",
            "reason",
            "day",
            "facts",
            "is_final",
            "is_open",
            "newest_at",
            "final_until",
            "appended_at",
        ),
        *("accounts", "median_seconds", "ninetieth_seconds"),
    }


def _planted(asked: Asked, statement: str) -> Asked:
    """Return a query of the ledger with another statement."""
    return asked._replace(target={**asked.target, "rawSql": statement})
