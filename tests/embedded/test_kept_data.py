"""Both servers over several runs on one state folder: what was committed stays, whatever ended the run before."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.embedded.kafka import EmbeddedKafka
from onboarding.local.embedded.locks import StateInUseError, lock_state
from onboarding.local.embedded.postgres import EmbeddedPostgres
from tests.containers.ports import choose_port
from tests.embedded.observers import PATIENCE_SECONDS, ask, find_processes_under, keep_record, read_record, wait_for

pytestmark = pytest.mark.slow

RECORD = b"a record of the first run"
ROW = "a row of the first run"


@dataclass(frozen=True)
class Site:
    """A state folder with data of an earlier run."""

    state_dir: Path
    cache_dir: Path
    shared_dir: Path

    def make_kafka(self, port: int) -> EmbeddedKafka:
        """Return a broker on this site."""
        return EmbeddedKafka(self.state_dir, self.cache_dir, port)

    def make_postgres(self, port: int) -> EmbeddedPostgres:
        """Return a database server on this site."""
        return EmbeddedPostgres(self.state_dir, port, self.shared_dir)

    def list_processes(self) -> list[str]:
        """Return the names of the processes that work here, also behind the link."""
        return [*find_processes_under(self.state_dir), *find_processes_under((self.state_dir / "postgres").resolve())]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, cache_dir: Path, shared_dir: Path) -> Site:
    """Do a first run that leaves a record and a row, in a folder whose name needs care: space, comma, no ASCII."""
    site = Site(tmp_path_factory.mktemp("site") / "dữ liệu, thử", cache_dir, shared_dir)
    with site.make_kafka(choose_port()).running(print) as kafka:
        keep_record(kafka.bootstrap, RECORD)
    with site.make_postgres(choose_port()).running(print) as postgres:
        ask(postgres.url, "CREATE TABLE kept (word text)", f"INSERT INTO kept VALUES ('{ROW}')")
    return site


@pytest.fixture
def busy_port() -> Iterator[int]:
    """Provide a port on which something listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_next_run_on_other_ports_finds_the_record_and_the_row(site: Site) -> None:
    """A busy port gets another one, so no port may be part of the data."""
    with site.make_postgres(choose_port()).running(print) as postgres:
        assert ask(postgres.url, "SELECT word FROM kept") == ROW
    with site.make_kafka(choose_port()).running(print) as kafka:
        assert read_record(kafka.bootstrap) == RECORD
    assert site.list_processes() == []


def test_killed_parent_leaves_no_process_and_all_data(site: Site) -> None:
    """Nobody is there to clean up after SIGKILL: the kernel must end the broker, the server and a busy session."""
    parent, addresses = start_parent(site)
    asyncio.run(kill_during_query(parent, addresses["url"]))
    wait_for(lambda: site.list_processes() == [])
    with site.make_postgres(choose_port()).running(print) as postgres:
        assert ask(postgres.url, "SELECT word FROM kept") == ROW
    with site.make_kafka(choose_port()).running(print) as kafka:
        assert read_record(kafka.bootstrap) == RECORD


def start_parent(site: Site) -> tuple[subprocess.Popen[str], dict[str, str]]:
    """Start a program with both servers and return it with their addresses; its folder refuses a second run."""
    program = Path(__file__).with_name("parent_process.py")
    folders, ports = (site.state_dir, site.cache_dir, site.shared_dir), (str(choose_port()), str(choose_port()))
    command: list[str | Path] = [sys.executable, program, *folders, *ports]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        addresses: dict[str, str] = json.loads(parent.stdout.readline())
    with pytest.raises(StateInUseError, match=f"in use by process {parent.pid}"), lock_state(site.state_dir):
        pass
    return parent, addresses


async def kill_during_query(parent: subprocess.Popen[str], url: str) -> None:
    """Kill the parent while a session of its database server works."""
    connection = await asyncpg.connect(url)
    query = asyncio.create_task(connection.fetchval("SELECT pg_sleep(600)"))
    watcher = await asyncpg.connect(url)
    while not await watcher.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"):
        pass  # asking is itself waiting: the query has to begin first
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await asyncio.wait_for(query, PATIENCE_SECONDS)
    connection.terminate()
    watcher.terminate()


def test_database_restarts_at_once_after_its_own_kill(site: Site) -> None:
    """A stale postmaster.pid and dying sessions must not stop the next start, and the end must be seen."""
    postgres = site.make_postgres(choose_port())
    postgres.start(print)
    server_id = int((site.state_dir / "postgres/cluster/data/postmaster.pid").read_text().split()[0])
    assert postgres.poll() is None
    subprocess.run(["/bin/kill", "-KILL", str(server_id)], check=True)
    assert postgres.wait() == -signal.SIGKILL
    assert "Postgres ended (exit code -9)" in postgres.describe_end()
    postgres.stop()
    with postgres.running(print):
        assert ask(postgres.url, "SELECT word FROM kept") == ROW


def test_start_of_the_broker_that_fails_says_why_and_where(site: Site, busy_port: int) -> None:
    """A person gets the log's last words and its path, not a silent wait."""
    kafka = site.make_kafka(busy_port)
    with pytest.raises(EmbeddedServerError, match=r"exit code 1.*already in use.*kafka\.log; or set KAFKA_BOOTSTRAP"):
        kafka.start(print)
    assert site.list_processes() == []


def test_start_of_the_database_that_fails_says_why_and_where(site: Site, busy_port: int) -> None:
    """The same for the database."""
    postgres = site.make_postgres(busy_port)
    with pytest.raises(
        EmbeddedServerError, match=r"exit code 1.*Address already in.*postgres\.log; or set DATABASE_URL"
    ):
        postgres.start(print)
    assert site.list_processes() == []
