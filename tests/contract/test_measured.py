"""A page of measurements that speaks of code of long ago is complained about, with what makes it anew."""

import json
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from onboarding.documents import measured
from onboarding.documents.__main__ import main
from onboarding.documents.history import read_commit
from onboarding.documents.measured import RELIABILITY, find_old

PROJECT: Final = Path(__file__).parents[2]
GIT: Final = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")


class Repository:
    """A project of its own with a history, whose code may be changed by one commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.git("init", "--quiet")
        self.change("README.md")

    def git(self, *words: str) -> str:
        """Ask git."""
        return subprocess.run([*GIT, *words], cwd=self.folder, capture_output=True, text=True, check=True).stdout

    def change(self, path: str, commits: int = 1) -> str:
        """Change a file by so many commits; return the last."""
        changed = self.folder / path
        changed.parent.mkdir(parents=True, exist_ok=True)
        for number in range(commits):
            changed.write_text(f"{changed.read_text() if changed.exists() else ''}{number}\n")
            self.git("add", ".")
            self.git("commit", "--quiet", "--message", "Change")
        return self.git("rev-parse", "--short", "HEAD").strip()

    def publish(self, path: str, results: object) -> None:
        """Put a result file into the project."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(json.dumps(results))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Give a project with results of its first commit; three more may change the code."""
    monkeypatch.setattr(measured, "COMMITS_MAX", 3)
    made = Repository(tmp_path / "project")
    first = made.git("rev-parse", "--short", "HEAD").strip()
    made.publish(RELIABILITY, [{"name": "faults", "commit": f"{first}+"}, {"name": "overload", "commit": first}])
    for command in ("compare", "latency", "curve", "stages", "nation"):
        made.publish(f"benchmarks/results/{command}.json", {})
    return made


def test_what_was_measured_of_this_project_is_of_its_code() -> None:
    """Else it is to be measured again; the check of the documents says with what."""
    assert list(find_old(PROJECT)) == []


def test_results_are_old_after_so_many_commits_that_changed_the_code(repository: Repository) -> None:
    """A commit that changes texts or tests changes nothing that was measured."""
    repository.change("docs/a.md", 4)
    repository.change("models/a.py", 3)
    assert list(find_old(repository.folder)) == []
    repository.change("streams/b.py")
    faults, overload = find_old(repository.folder)
    assert re.search(r"faults was measured of commit \w+\+; 4 commits have changed the code since, 3 may", faults)
    assert "make faults" in faults
    assert overload.startswith(f"{RELIABILITY}: overload ")


def test_a_commit_that_nobody_has_is_named(repository: Repository) -> None:
    """A result of a program that cannot be looked at proves nothing."""
    repository.publish("benchmarks/results/nation.json", {"commit": "0123456"})
    (found,) = find_old(repository.folder)
    assert found.endswith("measured of commit '0123456', which is not in this repository")


def test_where_commits_are_missing_nothing_is_told(repository: Repository, tmp_path: Path) -> None:
    """A shallow clone and a copy without git do not know how old anything is."""
    repository.change("models/a.py", 4)
    shallow = tmp_path / "shallow"
    repository.git("clone", "--quiet", "--depth", "1", repository.folder.as_uri(), str(shallow))
    assert list(find_old(shallow)) == []
    repository.git("checkout-index", "--all", "--prefix", f"{tmp_path}/copy/")
    assert list(find_old(tmp_path / "copy")) == []
    assert list(find_old(repository.folder))


def test_the_check_of_the_documents_complains(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is part of what runs before every commit."""
    monkeypatch.setattr(measured, "COMMITS_MAX", -1)
    monkeypatch.setattr("onboarding.documents.files.generate", dict)
    monkeypatch.setattr("onboarding.documents.files.find_stale", lambda _directory, _texts: [])
    checked = CliRunner().invoke(main, ["check", "--directory", str(PROJECT)])
    assert checked.exit_code == 1
    assert "have changed the code since" in checked.output


def test_a_measurement_knows_of_which_program_it_is() -> None:
    """Whoever reads figures wants to know whether the code they speak of is today's."""
    assert re.fullmatch(r"[0-9a-f]{7,40}\+?", read_commit())
