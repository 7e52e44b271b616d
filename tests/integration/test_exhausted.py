"""A Postgres that has used up its transaction ids is named until a person acts, and counted on from there."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.catalogue import LOGINS
from onboarding.local.embedded.postgres import EmbeddedPostgres
from onboarding.local.embedded.postgres_home import SHARED_DIR, find_home, give
from tests.containers.ports import choose_port
from tests.integration.events import make_record
from tests.integration.system import System, wait_until

pytestmark = pytest.mark.slow

# Three million ids before they would come round to the oldest one that is still in use, the server stops.
# https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
_LAST_ID = 2**31 - 1_000_000
_IDS_A_SEGMENT = 2**20  # of the commit log
_SEGMENT_BYTES = 2**18
# 1 s instead of a minute: vacuum runs by itself as soon as nothing keeps it from its work.
_SETTINGS = "wal_level = logical\nautovacuum_naptime = 1s\n"


@pytest.fixture
def state(open_dir: Path) -> Path:
    """Give the state folder of that server."""
    return open_dir / "exhausted"


@pytest.fixture
def postgres(state: Path) -> Iterator[EmbeddedPostgres]:
    """Give a server of our own, whose data can be set to what only years of use would make of it."""
    server = EmbeddedPostgres(state, choose_port())
    server.start(print)
    with (_data(state) / "postgresql.conf").open("a") as settings:
        settings.write(_SETTINGS)
    server.stop()
    server.start(print)
    yield server
    server.stop()


def _data(state: Path) -> Path:
    """Return where such a server has its data."""
    return state / "postgres" / "cluster" / "data"


def _use_up_ids(state: Path) -> None:
    """Let the next transaction of a stopped server have the last id but few."""
    data, home = _data(state), find_home(state, SHARED_DIR, print)
    program = [str(home.programs / "pg_resetwal"), "--next-transaction-id", str(_LAST_ID), str(data)]
    account: dict[str, Any] = {"user": home.account.uid, "group": home.account.gid} if home.account else {}
    subprocess.run(program, check=True, cwd=home.folder, **account)
    segment = data / "pg_xact" / f"{_LAST_ID // _IDS_A_SEGMENT:04X}"
    segment.write_bytes(bytes(_SEGMENT_BYTES))
    give(segment, home.account)


async def test_what_has_no_transaction_ids_left_is_named_until_a_person_acts(
    system: System, postgres: EmbeddedPostgres, state: Path
) -> None:
    """What keeps vacuum from freeing them is a forgotten replication slot, as it often is."""
    exhausted = System(system.bootstrap, postgres.url, system.folder, system.processes)
    consumer = exhausted.start("consume")
    await exhausted.fetch("SELECT pg_create_logical_replication_slot('forgotten', 'pgoutput')")
    postgres.stop()
    _use_up_ids(state)
    postgres.start(print)
    await exhausted.publish(make_record(LOGINS) for _ in range(20))
    words = "Postgres to be within a limit of its own"
    await asyncio.to_thread(wait_until, lambda: words in consumer.read("readyz")[1], "it names the limit")
    await exhausted.fetch("SELECT pg_drop_replication_slot('forgotten')")
    await exhausted.await_consumed(20)
    await asyncio.to_thread(wait_until, lambda: consumer.read("readyz")[0] == 200, "it works again")
