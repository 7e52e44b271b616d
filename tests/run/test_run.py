"""One machine, one command: killed, started again on the kept data, with its usual ports taken."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.integration.system import wait_until
from tests.run.runs import SECONDS_MAX, make_environment, start

pytestmark = pytest.mark.slow

# A tenth of what `make run` counts, which takes the same path.
SMALL = ("--scale", "10000")
USUAL_PORTS = (5432, 9092, 9101, 9102, 9104)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Give the environment of a person in an odd place: a strange folder, no HOME, no UTF-8, a zone of half hours."""
    folder = tmp_path / "odd %d {x} (1)' Việt: y" / ("long" * 30)
    made = make_environment(ONBOARDING_STATE_DIR=str(folder), LC_ALL="C", TZ="America/St_Johns")
    made.pop("HOME", None)
    return made


@contextmanager
def _taken_ports() -> Iterator[None]:
    """Take the ports that a run would like to have, as far as they are free."""
    with ExitStack() as stack:
        for port in USUAL_PORTS:
            taken = stack.enter_context(socket.socket())
            with suppress(OSError):
                taken.bind(("127.0.0.1", port))
                taken.listen()
        yield


def _await_serving(run: subprocess.Popen[bytes], log: Path) -> list[psutil.Process]:
    """Wait until a run has made its proof and serves; return its children."""
    wait_until(lambda: run.poll() is not None or "Ctrl-C stops" in log.read_text(), "the run serves", SECONDS_MAX)
    assert run.poll() is None, log.read_text()
    return psutil.Process(run.pid).children(recursive=True)


def _see_all(children: list[psutil.Process]) -> None:
    """See both servers and each process of ours among the children, of which those of Postgres come and go."""
    told = []
    for child in children:
        with suppress(psutil.Error):
            told.append(" ".join(child.cmdline()))
    for name in ("kafka.Kafka", "postgres", "onboarding consume", "onboarding total", "onboarding audit"):
        assert any(name in line for line in told), f"{name} is not among {told}"


def _await_gone(children: list[psutil.Process]) -> None:
    """Wait until processes have ended."""
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []


def test_two_runs_count_every_fact_once_and_leave_no_process(environment: dict[str, str], tmp_path: Path) -> None:
    """The first is ended by Ctrl-C; the second finds its data and other ports, and is killed."""
    first_log, second_log = tmp_path / "first.log", tmp_path / "second.log"
    first = start(environment, first_log, *SMALL)
    children = _await_serving(first, first_log)
    _see_all(children)
    _refuse_beside(environment, tmp_path / "refused.log")
    first.send_signal(signal.SIGINT)
    assert first.wait(SECONDS_MAX) == 0
    _await_gone(children)

    with _taken_ports():
        second = start(environment, second_log, *SMALL)
        children = _await_serving(second, second_log)
        second.kill()
        second.wait()
        _await_gone(children)
    for log in (first_log, second_log):
        told = log.read_text()
        assert told.count("exact") == 3
        assert all(told.count(figure) >= 2 for figure in ("7,516", "5,388", "2,415"))  # ours, and the published one


def _refuse_beside(environment: dict[str, str], log: Path) -> None:
    """See a second run on the same folder refused with one line while the first one is there."""
    refused = start(environment, log, "--exit")
    assert refused.wait(SECONDS_MAX) == 2
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "no-port"),
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
        ("DATABASE_URL", "mysql://127.0.0.1/x"),
        ("DATABASE_URL", "postgresql://onboarding@127.0.0.1:1/x"),
        ("ONBOARDING_TOTALS_PORT", "99999"),
    ],
)
def test_a_bad_setting_gets_one_line_that_names_it(name: str, value: str, environment: dict[str, str]) -> None:
    """Whether it cannot be read, or nobody answers there; nothing is started."""
    command = [sys.executable, "-m", "onboarding", "run", "--exit"]
    told = subprocess.run(
        command, env=environment | {name: value}, capture_output=True, text=True, timeout=60, check=False
    )
    assert told.returncode == 2
    (line,) = told.stderr.strip().splitlines()[-1:]
    assert name in line
    assert "Traceback" not in told.stderr
