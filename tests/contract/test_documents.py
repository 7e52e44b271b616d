"""The committed documents are what the code generates, and the check that says so can fail."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from models.catalogue import KINDS
from models.outcomes import Reason
from models.places import PLACES
from onboarding.documents.__main__ import main
from onboarding.documents.files import find_stale, generate, write
from onboarding.documents.reference import SECTIONS, reference
from onboarding.settings import Settings

PROJECT: Final = Path(__file__).parents[2]
DAMAGES: Final[tuple[Callable[[Path], object], ...]] = (
    lambda path: path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8"),
    Path.unlink,
)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Return what every document must say: made once, for it takes as long as all the rest."""
    return generate()


def test_the_committed_documents_are_up_to_date(texts: dict[str, str]) -> None:
    """A document that says something else than the code misleads; `make docs` mends it."""
    assert find_stale(PROJECT, texts) == []


@pytest.mark.parametrize("seed", ["1", "2"])
def test_every_run_generates_the_same(seed: str) -> None:
    """A document that changes by itself, as with the order in which Python keeps a set, would be stale at random."""
    command = [sys.executable, "-m", "onboarding.documents", "check"]
    checked = subprocess.run(command, cwd=PROJECT, env=os.environ | {"PYTHONHASHSEED": seed}, check=False)
    assert checked.returncode == 0


@pytest.fixture
def directory(tmp_path: Path, texts: dict[str, str]) -> Path:
    """Return a folder with every document up to date."""
    write(tmp_path, texts)
    return tmp_path


def test_what_was_written_is_not_stale_and_not_written_again(directory: Path, texts: dict[str, str]) -> None:
    """Writing twice touches nothing the second time."""
    assert find_stale(directory, texts) == write(directory, texts) == []


def test_each_document_that_is_changed_or_missing_is_found_and_mended(directory: Path, texts: dict[str, str]) -> None:
    """A byte is enough, or the absence of the file."""
    for path in texts:
        for damage in DAMAGES:
            damage(directory / path)
            assert find_stale(directory, texts) == write(directory, texts) == [path]
    assert find_stale(directory, texts) == []


def test_the_check_names_what_is_stale_with_the_command_that_mends_it(directory: Path) -> None:
    """And then that command does mend it."""
    paths = [directory / "docs" / "asyncapi.yaml", directory / "docs" / "reference.md"]
    for damage, path in zip(DAMAGES, paths, strict=True):
        damage(path)
    checked = CliRunner().invoke(main, ["check", "--directory", str(directory)])
    assert checked.exit_code == 1
    assert checked.stderr.splitlines() == [f"{path} is stale: run `make docs` and commit it" for path in paths]
    assert CliRunner().invoke(main, ["write", "--directory", str(directory)]).exit_code == 0
    checked = CliRunner().invoke(main, ["check", "--directory", str(directory)])
    assert (checked.exit_code, checked.output) == (0, "")  # silence and exit code 0 are what CI waits for


@pytest.mark.parametrize(
    "path",
    ["docs/schemas/vn.project06.gone.v1.schema.json", "monitoring/grafana/dashboards/en/gone.json"],
    ids=["schema", "dashboard"],
)
def test_what_nothing_generates_any_more_is_stale_and_removed(
    path: str, directory: Path, texts: dict[str, str]
) -> None:
    """An upstream developer must not find a schema of an event that nobody takes, nor Grafana a board of no metric."""
    (directory / path).write_text("{}")
    assert find_stale(directory, texts) == [path]
    write(directory, texts)
    assert not (directory / path).exists()


def test_the_reference_has_every_topic_place_reason_and_setting() -> None:
    """What the code knows and a reader looks up is there, in one section each."""
    text = reference()
    assert text.count("\n## ") == len(SECTIONS)
    for word in (
        *(kind.topic for kind in KINDS),
        *(kind.definition_vi for kind in KINDS),
        *PLACES,
        *Reason,
        *(name.upper() for name in Settings.model_fields),
    ):
        assert word in text


def test_the_vectors_on_disk_are_plain_json() -> None:
    """An upstream system in any language reads them with its own JSON parser."""
    vectors = json.loads((PROJECT / "docs" / "test-vectors.json").read_text(encoding="utf-8"))
    assert vectors.keys() == {"pseudonym", "codec"}
