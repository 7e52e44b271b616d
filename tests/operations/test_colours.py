"""Colours are for a person at a terminal who has not said that there shall be none."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.operations.terminals import open_terminal

pytestmark = pytest.mark.slow

DOCTOR = [sys.executable, "-m", "onboarding", "doctor"]


@pytest.fixture
def environment(unused_tcp_port_factory: Callable[[], int]) -> dict[str, str]:
    """Give the environment of a person at a terminal, while every server is away."""
    others = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    return others | {
        "DATABASE_URL": f"postgresql://someone@127.0.0.1:{unused_tcp_port_factory()}/ledger",
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{unused_tcp_port_factory()}",
        "ONBOARDING_TOTALS_URL": f"http://127.0.0.1:{unused_tcp_port_factory()}/metrics",
        "TERM": "xterm-256color",
    }


@pytest.mark.parametrize(("wishes", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_is_coloured_unless_somebody_wants_none(
    environment: dict[str, str], wishes: dict[str, str], *, coloured: bool
) -> None:
    """By the convention of https://no-color.org."""
    with (
        open_terminal() as terminal,
        subprocess.Popen(DOCTOR, env=environment | wishes, stdout=terminal.theirs) as popen,
    ):
        written = terminal.read_all()
    assert popen.returncode == 2
    assert b"fault" in written
    assert (b"\x1b[1;31m" in written) == coloured


def test_a_file_has_no_colours(environment: dict[str, str]) -> None:
    """Nobody has to clean a log."""
    found = subprocess.run(DOCTOR, env=environment, capture_output=True, check=False)
    assert b"fault" in found.stdout
    assert b"\x1b" not in found.stdout
