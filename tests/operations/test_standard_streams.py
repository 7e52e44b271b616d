"""Standard streams and files that fail, as a shell makes them fail: one line that names the stream, and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # a Python that begins anew each time: nothing less has streams of its own

EVENT = '{"specversion": "1.0"}\n'
COMMANDS = {
    "check - <&-": "cannot read standard input: Bad file descriptor",
    "publish <&-": "cannot read standard input: Bad file descriptor",
    "reconcile - <&-": "cannot read standard input: Bad file descriptor",
    "check /proc/self/mem": "cannot read /proc/self/mem: Input/output error",
    "reconcile /proc/self/mem": "cannot read /proc/self/mem: Input/output error",
    "opening-balance set accounts_activated --as-of 2024-01-01 --facts 1 --source x --by-province /proc/self/mem": (
        "cannot read /proc/self/mem: Input/output error"
    ),
    "check nowhere.jsonl": "cannot read nowhere.jsonl: No such file or directory",
    "check $'no\\n\\e[31mwhere\\u202e'": "cannot read no��[31mwhere�: No such file or directory",
    "reconcile $'no\\nwhere'": "cannot read no�where: No such file or directory",
    "publish $'no\\nwhere'": "cannot read no�where: No such file or directory",
    "simulate --scale 1000000 --to-file $'no/\\nwhere'": "cannot write no/�where: No such file or directory",
    "check .": "cannot read .: Is a directory",
    "check events.jsonl >/dev/full": "cannot write standard output: No space left on device",
    "check long.jsonl >/dev/full": "cannot write standard output: No space left on device",
    "simulate --scale 1000000 --to-file - >/dev/full": "cannot write standard output: No space left on device",
    "simulate --scale 1000000 --to-file /dev/full": "cannot write /dev/full: No space left on device",
    "simulate --scale 1000000 --to-file no/where": "cannot write no/where: No such file or directory",
    "completion bash >/dev/full": "cannot write standard output: No space left on device",
    "check events.jsonl >&-": "cannot write standard output: Bad file descriptor",
    "reconcile text.csv": "text.csv is no text in UTF-8: invalid start byte",
    "reconcile long.csv": "long.csv: line 2: field larger than field limit (131072)",
    "reconcile events.jsonl": "events.jsonl: line 1: the header must be day,source,kind,facts",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with files of several sorts."""
    (tmp_path / "events.jsonl").write_text(EVENT)
    (tmp_path / "long.jsonl").write_text(EVENT * 5_000)
    (tmp_path / "text.csv").write_bytes(b"\xff\xfe")
    (tmp_path / "long.csv").write_bytes(b"day,source,kind,facts\n" + b"9" * 200_000 + b",,,\n")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_stream_that_fails_is_one_line_and_exit_code_2(command: str, folder: Path) -> None:
    """No traceback, nothing of Python's own at the end."""
    done = _run(command, folder)
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("Usage:", "Try ", "written: "))]
    assert lines == [f"Error: {COMMANDS[command]}"]
    assert done.returncode == 2


def test_who_reads_no_further_is_no_error(folder: Path) -> None:
    """`onboarding check FILE | head -1`: it ends without a word."""
    done = _run("check long.jsonl | head -n 1", folder)
    assert done.stdout.startswith("line 1: refused")
    assert done.stderr == ""


def test_a_text_that_the_terminal_does_not_know_is_written_all_the_same(folder: Path) -> None:
    """With a locale from before UTF-8 its letters are written as escapes."""
    done = _run("opening-balance --help", folder, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    done = _run("simulate --help", folder, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


def _run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Let a shell run a command in a folder."""
    line = f"{sys.executable} -m onboarding {command}"
    root = str(Path(__file__).parents[2])
    told = {**os.environ, "PYTHONPATH": root, "DATABASE_URL": "postgresql://127.0.0.1:1/x", **environment}
    return subprocess.run(["/bin/bash", "-c", line], cwd=folder, env=told, capture_output=True, text=True, check=False)
