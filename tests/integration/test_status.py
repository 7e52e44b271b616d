"""The status of a real system: lag from Kafka, progress from Postgres, and what processes say of themselves."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from tests.containers.postgres import PostgresServer
from tests.integration.commands import describe, onboarding
from tests.integration.events import make_event, make_record, to_record
from tests.integration.system import SECONDS_MAX, Process, System, wait_for_total, wait_until, wait_until_current

Processes = tuple[Process, Process, Process]


def start_all(system: System) -> Processes:
    """Start a stream worker, a consumer and an auditor, and wait until it has recounted."""
    consumer, worker = system.start("consume"), system.start("total")
    auditor = system.start("audit", ONBOARDING_TOTALS_URL=f"http://127.0.0.1:{worker.port}/metrics")
    wait_until(lambda: bool(auditor.value("onboarding_recount_timestamp_seconds")), "the auditor has recounted")
    wait_until_current(worker)
    return worker, consumer, auditor


def look(system: System, processes: Processes) -> subprocess.CompletedProcess[str]:
    """Type `onboarding status`."""
    worker, consumer, auditor = processes
    return onboarding(system, "status", worker=worker, consumer=consumer, auditor=auditor)


def row_of(text: str, topic: str) -> list[str]:
    """Return the words of the first row of a topic."""
    return next(line for line in text.splitlines() if topic.removeprefix("onboarding.") in line).split()


@contextmanager
def watching(
    system: System, processes: Processes, output: int, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `onboarding status --watch 1` with its output on a descriptor; end it."""
    argv = [sys.executable, "-m", "onboarding", "status", "--watch", "1"]
    found = {**describe(system, *processes), **environment}
    popen = subprocess.Popen(argv, env=found, stdout=output, stderr=subprocess.DEVNULL)
    try:
        yield popen
    finally:
        popen.kill()
        popen.wait(SECONDS_MAX)


def press(popen: subprocess.Popen[bytes]) -> int:
    """Press Ctrl-C; return the exit code."""
    popen.send_signal(signal.SIGINT)
    return popen.wait(SECONDS_MAX)


async def test_one_screen_answers_what_an_operator_asks(system: System) -> None:
    """Is it right, is it fresh, what was refused; then a consumer is away, and what waits is known all the same."""
    worker, consumer, _ = processes = start_all(system)
    refused = to_record(ACCOUNTS, make_event(ACCOUNTS, data={"province": "99"}))
    login = make_event(LOGINS)
    contradiction = to_record(LOGINS, login | {"time": "2024-06-05T10:00:00+07:00"})
    await system.publish([make_record(IDENTITY_RECORDS), refused, to_record(LOGINS, login), contradiction])
    await wait_for_total(worker, IDENTITY_RECORDS, 1)
    await system.await_consumed(4)
    found = look(system, processes)
    assert (found.returncode, found.stderr) == (0, "")
    assert row_of(found.stdout, IDENTITY_RECORDS.topic)[1:3] == ["ok", "0"]
    assert "stream worker  ready, working, shows the totals" in found.stdout
    assert "no cell differed" in found.stdout
    assert "to decide: refused records: 1 (province_unknown 1)" in found.stdout
    assert "to decide: records that contradict one counted before: 1" in found.stdout
    assert "\ntype next: onboarding refused list\n" in found.stdout
    assert "\x1b" not in found.stdout
    assert consumer.end() == 0
    await system.publish([make_record(IDENTITY_RECORDS) for _ in range(5)])
    found = look(system, processes)
    assert found.returncode == 2
    assert row_of(found.stdout, IDENTITY_RECORDS.topic)[2] == "5"
    assert "\ntype next: onboarding doctor\n" in found.stdout


async def test_a_watch_is_drawn_in_place_on_a_terminal_and_ends_by_ctrl_c(system: System) -> None:
    """In colours, unless they are not wanted; with the exit code of the last look."""
    processes = start_all(system)
    for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        ours, theirs = pty.openpty()
        with watching(
            system, processes, theirs, TERM="xterm-256color", COLUMNS="120", LINES="40", **environment
        ) as run:
            os.close(theirs)
            written = b""
            while written.count(b"as of ") < 3:
                written += os.read(ours, 65_536)
            assert press(run) == 0
        os.close(ours)
        assert b"\x1b[1A" in written  # the cursor goes up again
        assert (b"\x1b[32m" in written) == coloured


async def test_a_watch_into_a_file_survives_a_postgres_that_goes_away(
    system: System, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """One block a look, and a line that says so while it is away."""
    processes = start_all(system)
    path = tmp_path / "watch.txt"
    with path.open("wb") as file, watching(system, processes, file.fileno()) as run:
        wait_until(lambda: path.read_text().count("all is fine") >= 2, "two looks are written")
        postgres_server.sigkill()
        wait_until(lambda: "Postgres does not answer" in path.read_text(), "its absence is written")
        blocks = path.read_text().count("as of ")
        postgres_server.recover()
        wait_until(lambda: path.read_text().count("as of ") > blocks, "it goes on")
        wait_until(lambda: path.read_text().count("all is fine") >= 3, "all is fine again")
        assert press(run) == 0
    assert "\x1b" not in path.read_text()
