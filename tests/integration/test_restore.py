"""A Postgres that was started again, or restored to an older state, goes on exactly: Kafka holds what came after."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from models.catalogue import KINDS, LOGINS
from tests.containers.postgres import IMAGE, PostgresServer
from tests.integration.events import make_record
from tests.integration.system import System, wait_for_total
from upstream.publishing.outgoing import Outgoing

_HOME = "/var/lib/postgresql"
_ARCHIVE_COMMAND = f"archive_command=mkdir -p {_HOME}/archive && cp %p {_HOME}/archive/%f"
_BACK_UP = f"pg_basebackup --username=onboarding --checkpoint=fast --wal-method=none --pgdata={_HOME}/backup"
# What a restore does: the backup in place of the data, then the archived log as far as it goes.
_RESTORE = f"""
set -e
find "$PGDATA" -mindepth 1 -delete
cp -a {_HOME}/backup/. "$PGDATA"
touch "$PGDATA/recovery.signal"
echo "restore_command = 'cp {_HOME}/archive/%f %p'" >> "$PGDATA/postgresql.auto.conf"
"""


class ArchivingServer(PostgresServer):
    """A server that archives its log, can be backed up, and restored in place."""

    def __init__(self) -> None:
        super().__init__()
        self.with_command(["postgres", "-c", "archive_mode=on", "-c", _ARCHIVE_COMMAND])

    def run(self, command: str) -> None:
        """Run a shell command as the server's user. Raises AssertionError with its output when it fails."""
        container: Any = self.get_wrapped_container()
        code, output = container.exec_run(["sh", "-c", command], user="postgres")
        assert code == 0, output.decode()

    def restore(self) -> None:
        """Kill the server and start it again from the backup and the archived log."""
        self.sigkill()
        container: Any = self.get_wrapped_container()
        self.get_docker_client().client.containers.run(
            IMAGE,
            ["-c", _RESTORE],
            entrypoint="sh",
            user="postgres",
            volumes_from=[container.id],
            remove=True,
            labels={LABEL_SESSION_ID: SESSION_ID},
        )
        self.restart()


@pytest.fixture
def archiving_server(docker_engine: Any) -> Iterator[ArchivingServer]:
    """Give a server of its own: a restore is of the whole server."""
    del docker_engine  # needed, not used: it sets the sweeping up
    with ArchivingServer() as server:
        yield server


@pytest.fixture
def archived_system(clean_kafka: str, archiving_server: ArchivingServer, tmp_path: Path) -> Iterator[System]:
    """Give a system whose ledger is on that server."""
    made = System(clean_kafka, archiving_server.url(archiving_server.dbname), tmp_path)
    yield made
    made.end_all()


def _records(number: int) -> list[Outgoing]:
    return [make_record(kind) for kind in KINDS for _ in range(number)]


async def _epochs(system: System) -> list[int]:
    return [row[0] for row in await system.fetch("SELECT epoch FROM ledger_epoch ORDER BY epoch")]


async def test_a_postgres_restored_to_an_older_state_goes_on_exactly(
    archived_system: System, archiving_server: ArchivingServer
) -> None:
    """Base backup, archived log, and the rest from Kafka: under running processes, whatever was shown before."""
    system = archived_system
    system.start("consume")
    worker = system.start("total")
    await system.publish(_records(50))
    await system.await_consumed(50 * len(KINDS))
    archiving_server.run(_BACK_UP)
    await system.publish(_records(30))
    await system.await_consumed(80 * len(KINDS))
    archiving_server.run("psql --username=onboarding --dbname=postgres --command='SELECT pg_switch_wal()'")
    for _ in range(20):  # many small transactions: revisions far beyond those that the restored ledger will need
        await system.publish(_records(1))
        await wait_for_total(worker, LOGINS, 80 + _ + 1)
    before = await _epochs(system)

    archiving_server.restore()

    assert (await system.fetch("SELECT count(*) FROM portal_logged_in"))[0][0] < 100
    await system.publish(_records(5))
    await system.await_consumed(105 * len(KINDS))
    for kind in KINDS:
        await wait_for_total(worker, kind, 105)
        assert (await system.fetch(f"SELECT count(*) FROM {kind.table}"))[0][0] == 105
    assert await system.fetch("SELECT * FROM gap") == []
    after = await _epochs(system)
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
