"""What is typed: exit codes, where output goes, and one clear line for what is wrong."""

from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from models.decoding.one_record import Accepted
from onboarding.cli.check import check
from onboarding.cli.publish import publish
from onboarding.cli.simulate import simulate
from tests.upstream.examples import LOGIN, RECORD, spoil, to_file
from upstream.publishing.check import check_lines
from upstream.publishing.lines import read_lines


@pytest.fixture
def runner() -> CliRunner:
    """Give a terminal's stand-in without the settings of this machine."""
    return CliRunner(env={"KAFKA_BOOTSTRAP_SERVERS": None})


@pytest.mark.parametrize("command", [check, publish, simulate])
def test_help_teaches_with_an_example(runner: CliRunner, command: click.Command) -> None:
    """Who has only the help can use the command."""
    result = runner.invoke(command, ["--help"])
    assert result.exit_code == 0
    assert f"  onboarding {command.name} " in result.output or f"| onboarding {command.name}" in result.output


def test_check_ends_with_0_when_all_is_well(runner: CliRunner) -> None:
    """A pipeline can rest on the exit code."""
    result = runner.invoke(check, ["-"], input=to_file(RECORD, LOGIN))
    assert (result.exit_code, result.stdout) == (0, "2 lines: counted 2, duplicates 0, refused 0\n")


def test_check_ends_with_1_when_a_line_would_be_refused(runner: CliRunner, tmp_path: Path) -> None:
    """Each such line is told with its number, and a summary ends it."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(to_file(RECORD, spoil(LOGIN, data={"portal": "x"}), RECORD).getvalue())
    result = runner.invoke(check, [str(path)])
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in lines] == ["line 2", "line 3", "3 lines"]
    assert lines[-1] == "3 lines: counted 1, duplicates 1, refused 1"


def test_check_ends_with_0_when_lines_are_only_repeated(runner: CliRunner) -> None:
    """A retry is no fault: it is told and counted once."""
    result = runner.invoke(check, ["-"], input=to_file(RECORD, RECORD))
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "2 lines: counted 1, duplicates 1, refused 0")


@pytest.mark.parametrize("command", [check, publish])
@pytest.mark.parametrize("name", ["missing.jsonl", ""])
def test_a_file_that_cannot_be_read_gets_one_line_and_2(
    runner: CliRunner, tmp_path: Path, command: click.Command, name: str
) -> None:
    """A missing file, or a folder."""
    path = str(tmp_path / name)
    result = runner.invoke(command, [path])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: cannot read {path}: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [publish, simulate])
def test_a_bad_setting_gets_one_line_that_names_it_and_2(runner: CliRunner, command: click.Command) -> None:
    """Before anything is read or sent."""
    result = runner.invoke(command, [], input=to_file(RECORD), env={"KAFKA_BOOTSTRAP_SERVERS": "nonsense"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: KAFKA_BOOTSTRAP_SERVERS: ")
    assert result.stderr.count("\n") == 1


def test_publish_sends_nothing_of_what_would_be_refused(runner: CliRunner) -> None:
    """Held back without asking Kafka, told where, and the exit code says it."""
    result = runner.invoke(publish, [], input=to_file(b"", spoil(RECORD, id="1")))
    assert result.exit_code == 1
    assert result.stdout == "published 0 events; 2 lines: counted 0, duplicates 0, refused 2\n"
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["line 1", "line 2"]


def test_simulate_writes_a_history_that_check_accepts(runner: CliRunner, tmp_path: Path) -> None:
    """The one command's output is the other's input."""
    path = tmp_path / "history.jsonl"
    result = runner.invoke(simulate, ["--scale", "100000", "--seed", "5", "--to-file", str(path)])
    assert result.exit_code == 0
    assert result.stdout.startswith("simulated 1,533 events: 752 identity_records_received, 539 accounts_activated")
    assert "written: 1,533 of 1,533" in result.stderr
    with path.open("rb") as file:
        outcomes = [checked.outcome for checked in check_lines(read_lines(file), lambda: datetime.now(UTC))]
    assert len(outcomes) == 1533
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


def test_simulate_to_standard_output_writes_events_and_nothing_else(runner: CliRunner) -> None:
    """So that it can be piped."""
    result = runner.invoke(simulate, ["--scale", "1000000", "--to-file", "-"])
    assert result.exit_code == 0
    assert len(result.stdout_bytes.splitlines()) == 153
    assert all(line.startswith(b'{"specversion":"1.0"') for line in result.stdout_bytes.splitlines())
    assert "simulated 153 events" in result.stderr


def test_simulate_to_a_place_that_is_not_there_gets_one_line_and_2(runner: CliRunner, tmp_path: Path) -> None:
    """A missing folder is told, not a traceback."""
    result = runner.invoke(simulate, ["--to-file", str(tmp_path / "missing" / "history.jsonl")])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: cannot write ")


def test_simulate_refuses_a_scale_without_meaning(runner: CliRunner) -> None:
    """Click says what may be given."""
    result = runner.invoke(simulate, ["--scale", "0"])
    assert result.exit_code == 2
    assert "1<=x<=1000000" in result.stderr
