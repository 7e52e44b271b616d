"""A shell completes what can be typed: commands, options, and the values that an option takes."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from models.outcomes import Reason
from models.topics import INPUTS
from onboarding.cli.main import main
from operations.totals.breakdown import DIMENSIONS
from tests.containers.waiting import await_condition

pytestmark = pytest.mark.slow

TOPICS = [topic.name for topic in INPUTS]
SHELLS = ["bash", "zsh", "fish"]
ROOT = Path(__file__).parents[2]
PROMPT = "type> "
SECONDS_MAX = 60.0


def offer(*words: str) -> list[str]:
    """Return what is offered for the last word."""
    *before, incomplete = words
    completed = ShellComplete(main, {}, "onboarding", "_ONBOARDING_COMPLETE").get_completions(before, incomplete)
    return [item.value for item in completed]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["sta"], ["status"]),
        (["refused", "re"], ["replay"]),
        (["refused", "list", "--reason", ""], [reason.value for reason in Reason]),
        (["refused", "list", "--topic", "onboarding."], TOPICS),
        (["refused", "export", "--source", "urn:vn:project06:intake"], ["urn:vn:project06:intake-desk"]),
        (["refused", "replay", "--source", "unk"], ["unknown"]),
        (["pause", ""], TOPICS),
        (["accept-gap", "onboarding.portal"], ["onboarding.portal-logins.v1"]),
        (["totals", "--by", ""], list(DIMENSIONS)),
        (["totals", "--day", ""], ["today", "yesterday"]),
        (["why", "y"], ["yesterday"]),
        (["completion", ""], SHELLS),
    ],
)
def test_what_an_option_takes_is_offered(words: list[str], offered: list[str]) -> None:
    """Nobody has to know a topic or a reason by heart."""
    assert offer(*words) == offered


def test_every_command_of_the_table_is_one() -> None:
    """Commands are imported by name when they are asked for: a slip of the pen would only be seen then."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert isinstance(command, click.Command)
        assert command.name == name
    assert main.get_command(context, "no-such-command") is None


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script(shell: str) -> None:
    """It asks the program in the way that click answers."""
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert f"_ONBOARDING_COMPLETE={shell}_complete" in result.output


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("sta", "status"),
        ("refused list --source urn:vn:project06:v", "refused list --source urn:vn:project06:vneid"),
    ],
)
def test_bash_completes(tmp_path: Path, typed: str, completed: str) -> None:
    """Somebody presses Tab and Enter in a bash that has read the script; colons in a name split nothing."""
    called = tmp_path / "called"
    program = tmp_path / "onboarding"
    program.write_text(
        f"""#!/bin/sh
[ "$_ONBOARDING_COMPLETE" ] || {{ echo "$*" > {called}.new; mv {called}.new {called}; exit; }}
exec {sys.executable} -c 'from onboarding.cli.main import main; main(prog_name="onboarding")'
"""
    )
    program.chmod(0o755)
    script = tmp_path / "completion.bash"
    script.write_text(CliRunner().invoke(main, ["completion", "bash"]).output)
    with open_bash(tmp_path) as terminal:
        for line in (f". {script}\r", f"onboarding {typed}\t\r"):
            await_prompt(terminal)
            os.write(terminal, line.encode())
        await_condition(called.exists, "the command was called", SECONDS_MAX)
    assert called.read_text() == f"{completed}\n"


@contextmanager
def open_bash(folder: Path) -> Iterator[int]:
    """Run an interactive bash that finds the programs of a folder; give its terminal."""
    ours, theirs = pty.openpty()
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "PS1": PROMPT, "TERM": "dumb"}
    argv = ["bash", "--norc", "--noprofile", "-i"]
    popen = subprocess.Popen(
        argv, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, cwd=folder
    )
    os.close(theirs)
    try:
        yield ours
    finally:
        popen.kill()
        popen.wait(SECONDS_MAX)
        os.close(ours)


def await_prompt(terminal: int) -> None:
    """Wait until bash takes a line."""
    written = b""
    while not written.endswith(PROMPT.encode()):
        written += os.read(terminal, 65_536)
