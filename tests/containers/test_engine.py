"""The script that brings an engine: started once, kept while anybody uses it, and stopped by the last one only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Final

import pytest

from tests.containers.engine import ROOT
from tests.containers.waiting import await_condition

pytestmark = pytest.mark.slow

# 30 s: the doubles answer at once.
SECONDS_MAX: Final = 30.0
# A daemon that writes its pid where it is told and ends when it is told; `docker info` answers while it runs.
DAEMON: Final = """#!/bin/bash
echo started >>"$HERE/log"
echo $$ >"${@: -1}"
echo $$ >"$HERE/up"
trap 'echo stopped >>"$HERE/log"; rm -f "$HERE/up"; exit' TERM
while true; do sleep 0.02; done
"""
CLIENT: Final = '#!/bin/bash\nkill -0 "$(cat "$HERE/up" 2>/dev/null)" 2>/dev/null\n'


class Machine:
    """A folder with the script, and doubles of the daemon and its client on the path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.script = folder / "deploy" / "engine.sh"
        self.script.parent.mkdir()
        shutil.copy(ROOT / "deploy" / "engine.sh", self.script)
        self._programs = folder / "bin"
        self._programs.mkdir()
        for name, text in (("dockerd", DAEMON), ("docker", CLIENT), ("id", "#!/bin/bash\necho 0\n")):
            self.install(name, text)

    def install(self, name: str, text: str) -> None:
        """Put a program on the path."""
        (self._programs / name).write_text(text)
        (self._programs / name).chmod(0o755)

    def clone(self) -> "Machine":
        """Return the same machine, seen from another clone of the repository."""
        other = copy(self)
        other.script = self._folder / "clone" / "engine.sh"
        other.script.parent.mkdir()
        shutil.copy(self.script, other.script)
        return other

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        """Start the script."""
        path = f"{self._programs}:{os.environ['PATH']}"
        return subprocess.Popen(
            [self.script, *words],
            env={**os.environ, "HERE": str(self._folder), "TMPDIR": str(self._folder), "PATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> tuple[int, str]:
        """Run the script to its end; return the exit code and what was said."""
        popen = self.begin(*words)
        said, _ = popen.communicate(timeout=SECONDS_MAX)
        return popen.returncode, said

    def enter(self) -> "subprocess.Popen[str]":
        """Begin to use an engine until `end`."""
        user = self.begin("during", "sh", "-c", "echo in; exec cat")
        assert user.stdout
        assert any(line == "in\n" for line in user.stdout)
        return user

    @property
    def events(self) -> list[str]:
        """What the daemon did."""
        log = self._folder / "log"
        return log.read_text().split() if log.exists() else []


def end(user: "subprocess.Popen[str]") -> None:
    """Let a user of the engine go."""
    user.communicate(timeout=SECONDS_MAX)
    assert user.returncode == 0


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Give a machine without an engine; afterwards none of its daemons runs."""
    made = Machine(tmp_path)
    yield made
    made.run("stop")


def test_an_engine_that_was_started_for_a_command_ends_with_it(machine: Machine) -> None:
    """With the command's own exit code, and its own last word."""
    code, said = machine.run("during", "sh", "-c", "docker info && echo works; exit 7")
    assert (code, said.splitlines()[-1]) == (7, "works")
    assert machine.events == ["started", "stopped"]


def test_it_is_kept_until_the_last_of_those_who_use_it_has_ended(machine: Machine) -> None:
    """Workers of one test run end one after the other, and the first must not take it from the rest."""
    first, second = machine.enter(), machine.enter()
    end(first)
    assert machine.events == ["started"]
    third = machine.enter()
    end(second)
    assert machine.run("during", "docker", "info")[0] == 0
    assert machine.events == ["started"]
    end(third)
    assert machine.events == ["started", "stopped"]


def test_an_engine_that_a_person_has_asked_for_stays(machine: Machine) -> None:
    """Asked for before, or while it was used by somebody else; `stop` stops it."""
    user = machine.enter()
    assert machine.run("start")[0] == 0
    end(user)
    assert machine.run("during", "true")[0] == 0
    assert machine.events == ["started"]
    assert machine.run("stop")[0] == 0
    assert machine.events == ["started", "stopped"]


def test_another_clone_that_ends_stops_it_under_nobody(machine: Machine) -> None:
    """Whichever of them has started it, and whichever ends first."""
    first, second = machine.enter(), machine.clone().enter()
    end(first)
    assert machine.events == ["started"]
    end(second)
    assert machine.events == ["started", "stopped"]


def test_a_user_that_is_killed_does_not_keep_the_engine_for_ever(machine: Machine) -> None:
    """Whoever comes next finds it, and stops it as the last one."""
    user = machine.enter()
    user.kill()
    user.communicate()
    assert machine.run("during", "docker", "info")[0] == 0
    await_condition(lambda: machine.events == ["started", "stopped"], "the engine is stopped", SECONDS_MAX)


def test_where_none_can_be_had_it_says_what_to_do(machine: Machine) -> None:
    """Who is not root gets no engine from us."""
    machine.install("id", "#!/bin/bash\necho 1000\n")
    code, said = machine.run("during", "true")
    assert code == 1
    assert "no Docker engine answers: start one, or install docker.io (Debian) as root, and run this again" in said
    assert machine.events == []
