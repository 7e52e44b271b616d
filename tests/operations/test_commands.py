"""The commands teach, answer bad input in one line, and end with 2 when a question could not be answered."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from uuid import uuid4

import click
import pytest
from click.testing import CliRunner, Result

from models.catalogue import LOGINS
from onboarding.cli._parameters import TopicType, reason_option, signed_by
from onboarding.cli.find import find
from onboarding.cli.main import main
from onboarding.cli.recount import recount
from onboarding.cli.status import status
from onboarding.cli.totals import totals

QUESTIONS = {"status": status, "totals": totals, "recount": recount, "find": find}
ARGUMENTS = {"find": [str(uuid4())]}


@pytest.fixture
def ask(unused_tcp_port_factory: Callable[[], int]) -> Callable[[str, list[str]], Result]:
    """Give a way to ask a question while every server is away."""
    environment = {
        "DATABASE_URL": f"postgresql://someone:secret@127.0.0.1:{unused_tcp_port_factory()}/ledger",
        "ONBOARDING_TOTALS_URL": f"http://127.0.0.1:{unused_tcp_port_factory()}/metrics",
        "ONBOARDING_CONSUMER_PORT": str(unused_tcp_port_factory()),
    }
    return lambda name, arguments: CliRunner().invoke(QUESTIONS[name], arguments, env=environment)


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_a_server_that_is_away_is_one_line(ask: Callable[[str, list[str]], Result], name: str) -> None:
    """What is wrong, where, and what to do; the password is not part of it."""
    result = ask(name, ARGUMENTS.get(name, []))
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert "check that" in result.output
    assert "secret" not in result.output


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_a_wrong_setting_is_one_line(name: str) -> None:
    """It names the setting."""
    result = CliRunner().invoke(QUESTIONS[name], ARGUMENTS.get(name, []), env={"DATABASE_URL": "mysql://here"})
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "DATABASE_URL" in result.output


def test_an_id_that_is_none_is_refused(ask: Callable[[str, list[str]], Result]) -> None:
    """Nobody searches millions of rows for a slip of the pen."""
    result = ask("find", ["not-an-id"])
    assert result.exit_code == 2
    assert "not a valid UUID" in result.output


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_help_teaches(ask: Callable[[str, list[str]], Result], name: str) -> None:
    """Exit codes and an example, or a script cannot be written from it."""
    text = ask(name, ["--help"]).output
    assert "Example" in text
    assert f"onboarding {name}" in text
    assert "Ends with" in text


def test_help_is_laid_out_for_people() -> None:
    """No mark of click's is left in it: a raw text would show them, and run its lines together."""
    for command in walk(main):
        text = command.get_help(click.Context(command))
        assert "\\b" not in text
        assert "Example" not in text.replace("Example:\n", "").replace("Examples:\n", "")


def walk(command: click.Command) -> Iterator[click.Command]:
    """Yield a command and all under it."""
    yield command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            under = command.get_command(context, name)
            assert under is not None
            yield from walk(under)


@pytest.mark.parametrize("words", [[], ["--first", "--later"]])
def test_a_decision_that_is_none_is_refused(words: list[str]) -> None:
    """Of two words that contradict each other none may be taken: a decision is final."""
    result = CliRunner().invoke(main, ["conflicts", "resolve", "1", "--why", "a slip of the pen", *words])
    assert result.exit_code == 2
    assert "say which one record is right: --first or --later" in result.output


def test_what_a_person_signs_can_be_printed_anywhere() -> None:
    """It is kept, and printed to others: no line feed, and nothing that a terminal obeys."""
    kept: list[str] = []

    @click.command()
    @signed_by
    @reason_option("Why")
    def sign(**words: str) -> None:
        kept.extend(words.values())

    assert CliRunner().invoke(sign, ["--by", "An\n", "--why", "\x1b[31m\u202e"]).exit_code == 0
    assert kept == ["An\ufffd", "\ufffd[31m\ufffd"]


def test_a_topic_may_be_typed_as_status_shows_it() -> None:
    """Without the word that all of them begin with; no other name is taken for one."""
    short = LOGINS.topic.removeprefix("onboarding.")
    assert [TopicType().convert(name, None, None) for name in (short, LOGINS.topic)] == [LOGINS.topic] * 2
    with pytest.raises(click.BadParameter):
        TopicType().convert("logins", None, None)


def test_help_fits_its_lines_and_loads_no_command() -> None:
    """Who looks for a command waits for none of them, and reads each in one line of a terminal."""
    program = """
import sys
from onboarding.cli.main import main
main(["--help"], standalone_mode=False)
print("LOADED", [name for name in sys.modules if name.startswith("onboarding.cli.") and "._" not in name])"""
    environment = os.environ | {"COLUMNS": "80"}
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    *lines, loaded = told.stdout.splitlines()
    assert loaded == "LOADED ['onboarding.cli.main']"
    commands = lines[lines.index("Commands:") + 1 :]
    assert [line.split()[0] for line in commands if line] == main.list_commands(click.Context(main))
    assert max(map(len, lines)) <= 80


def test_a_question_loads_nothing_that_only_processes_need() -> None:
    """Whoever types `status` again and again does not wait for Faust to be imported."""
    program = f"""
import sys
from onboarding.cli.main import main
for name in {list(QUESTIONS)}:
    main([name, "--help"], standalone_mode=False)
    print("LOADED", name, sorted({{"faust", "sqlalchemy", "alembic"}} & set(sys.modules)))"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = [line for line in found.stdout.splitlines() if line.startswith("LOADED")]
    assert loaded == [f"LOADED {name} []" for name in QUESTIONS]
