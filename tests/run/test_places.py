"""Odd places: a run works there, or says in one line what keeps it from working; `test_run` is in five more of them."""

import codecs
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.integration.system import wait_until
from tests.processes.forked import Forked, run_command
from tests.run.runs import SECONDS_MAX, make_environment, start

pytestmark = pytest.mark.slow

_ROOT = Path(__file__).parents[2]
# A number that belongs to nobody.
_NOBODYS_ID = 54_321


@contextmanager
def _running(log: Path, environment: dict[str, str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Give a run, with the words it says in a file; end it."""
    run = start(environment | {"PYTHONPATH": str(_ROOT)}, log, "--exit", **options)
    try:
        yield run
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(SECONDS_MAX)


def test_two_runs_begun_in_the_same_second_work_side_by_side(tmp_path: Path) -> None:
    """One in a relative folder with a dash, a star and a line break, without standard input, files for nobody else.

    The other behind a symbolic link, with a home that is not there and a locale that is none.
    """
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    logs = tmp_path / "one.log", tmp_path / "other.log"
    one = make_environment(ONBOARDING_STATE_DIR="-r f*\n~")
    other = make_environment(
        ONBOARDING_STATE_DIR=str(tmp_path / "link"), HOME="/nowhere", LC_ALL="vi_VN.none", TERM="none"
    )
    closed: dict[str, Any] = {"cwd": tmp_path, "umask": 0o077, "preexec_fn": lambda: os.close(0)}
    with _running(logs[0], one, **closed) as first, _running(logs[1], other) as second:
        for run, log in zip((first, second), logs, strict=True):
            wait_until(lambda: run.poll() is not None or "ready after" in log.read_text(), "it is ready", SECONDS_MAX)  # noqa: B023 - it is waited for here
            assert run.poll() is None, log.read_text()
    assert (first.returncode, second.returncode) == (1, 1)
    assert all("stopped before anything was proved" in log.read_text() for log in logs)


_ODD: dict[str, tuple[dict[str, str], dict[str, Any], str]] = {
    "no folder": ({"ONBOARDING_STATE_DIR": "/dev/null/x"}, {}, "state folder /dev/null/x cannot be written"),
    "long name": ({"ONBOARDING_STATE_DIR": "/tmp/" + "x" * 256}, {}, "cannot be written: File name too long"),  # noqa: S108 - not made
    "host with a port": ({"ONBOARDING_HTTP_HOST": "localhost:9101"}, {}, "write the host alone"),
    "few files": ({}, {"preexec_fn": lambda: _allow_files(24)}, "insufficient file descriptors available"),
}


def _allow_files(number: int) -> None:
    import resource  # noqa: PLC0415 - in the child alone

    resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))


@pytest.mark.parametrize("place", _ODD)
def test_where_it_cannot_work_it_says_so_in_one_line(place: str, tmp_path: Path) -> None:
    """And ends with 2."""
    settings, options, words = _ODD[place]
    log = tmp_path / "said.log"
    environment = make_environment(**{"ONBOARDING_STATE_DIR": str(tmp_path / "state")} | settings)
    with _running(log, environment, **options) as run:
        run.wait(SECONDS_MAX)
    assert run.returncode == 2
    _see_one_line(log, words)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_id_without_a_name_is_told_what_postgresql_needs(tmp_path: Path) -> None:
    """As in containers that are given any number to run under."""
    log = tmp_path / "said.log"
    with TemporaryDirectory() as folder:  # not in pytest's, which lets nobody else in
        Path(folder).chmod(0o777)
        run = Forked(_run_as_nobody, environment=make_environment(ONBOARDING_STATE_DIR=folder), output=log)
        assert run.wait(SECONDS_MAX) == 2
    _see_one_line(log, f"the user id {_NOBODYS_ID} has no name on this machine")


def _run_as_nobody() -> None:
    codecs.lookup("ascii")  # its module may be where nobody can read it
    os.setgroups([])
    os.setgid(_NOBODYS_ID)
    os.setuid(_NOBODYS_ID)
    run_command(["run", "--exit"])


def _see_one_line(log: Path, words: str) -> None:
    """See what a person is told at the end, behind what was done before."""
    said = log.read_text()
    (line,) = [line for line in said.splitlines() if line.startswith("Error: ")]
    assert "Traceback" not in said
    assert words in line
    assert line.isprintable()
