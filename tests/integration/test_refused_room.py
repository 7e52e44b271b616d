"""What refused records take is bounded: resolved ones go, the oldest first; unresolved ones never."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from ledger.migrations.apply import migrate
from ledger.retention import Kept, Room, make_room
from models.catalogue import LOGINS
from tests.integration.system import System, wait_until

DAY: Final = 86_400.0
_INSERT: Final = """
INSERT INTO refused (topic, kafka_partition, kafka_offset, reason, field, value, header_names, header_values, masked,
    appended_at, published_at, kept_bytes, resolved_at, resolved_by, outcome)
SELECT $1, 0, $2, 'not_json', '', 'x', '{}', '{}', false, now(), CASE WHEN $4 THEN now() END, 100,
    now() - make_interval(secs => $3), CASE WHEN $3 IS NOT NULL THEN 'An' END,
    CASE WHEN $3 IS NOT NULL THEN 'accepted' END"""


@pytest_asyncio.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection to an empty ledger."""
    await migrate(database_url)
    made = await asyncpg.connect(database_url)
    yield made
    await made.close()


async def refuse(connection: asyncpg.Connection, offset: int, days: float | None, *, published: bool = True) -> None:
    """Keep a refused record of 100 bytes that was resolved so many days ago; None where it was not."""
    await connection.execute(_INSERT, LOGINS.topic, offset, None if days is None else days * DAY, published)


async def read_offsets(connection: asyncpg.Connection) -> list[int]:
    """Return which records are kept."""
    return [row[0] for row in await connection.fetch("SELECT kafka_offset FROM refused ORDER BY 1")]


async def test_what_was_resolved_long_ago_goes(connection: asyncpg.Connection) -> None:
    """And nothing else does: what is not resolved, or not published yet, stays."""
    for offset, days in enumerate((31, 29, None)):
        await refuse(connection, offset, days)
    await refuse(connection, 9, 31, published=False)
    assert await make_room(connection, Room(30 * DAY, 10**9)) == Kept(300, 100, 1)
    assert await read_offsets(connection) == [1, 2, 9]


@pytest.mark.parametrize(
    ("bytes_max", "kept"), [(500, [0, 1, 2, 3, 4]), (499, [0, 1, 2, 4]), (350, [0, 1, 4]), (0, [0])]
)
async def test_over_the_budget_the_oldest_resolved_go(
    connection: asyncpg.Connection, bytes_max: int, kept: list[int]
) -> None:
    """As many as must; an unresolved one never."""
    for offset, days in enumerate((None, 1, 2, 3, 0.5)):
        await refuse(connection, offset, days)
    room = await make_room(connection, Room(30 * DAY, bytes_max))
    assert await read_offsets(connection) == kept
    assert room == Kept(100 * len(kept), 100, 1)


async def test_unresolved_records_over_the_budget_stay_and_are_told(system: System) -> None:
    """The auditor shows what is kept beside what may be, and says it in its log."""
    await migrate(system.database_url)
    made = await asyncpg.connect(system.database_url)
    await refuse(made, 0, None)
    await made.execute("UPDATE refused SET kept_bytes = 3000000")
    await made.close()
    auditor = system.start("audit", ONBOARDING_REFUSED_MEGABYTES_MAX="2")
    wait_until(lambda: auditor.value("onboarding_refused_kept_bytes") == 3_000_000, "what is kept is shown")
    assert auditor.value("onboarding_refused_budget_bytes") == 2_000_000
    assert auditor.value("onboarding_refused_unresolved_records") == 1
    log = (system.folder / f"audit-{auditor.port}.log").read_text()
    assert "more than ONBOARDING_REFUSED_MEGABYTES_MAX allows: none is removed" in log
