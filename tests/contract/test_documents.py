"""The committed documents are what the code generates, and the check that says so can fail."""

import json
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from models.catalogue import KINDS
from models.outcomes import Reason
from models.places import PLACES
from onboarding.document_commands import docs
from onboarding.documents.files import find_stale, generate, write
from onboarding.documents.reference import SECTIONS, reference
from onboarding.settings import Settings

PROJECT: Final = Path(__file__).parents[2]


def test_the_committed_documents_are_up_to_date() -> None:
    """A document that says something else than the code misleads; `onboarding docs write` mends it."""
    assert find_stale(PROJECT) == []


def test_two_runs_generate_the_same() -> None:
    """A document that changes by itself would be stale at random."""
    assert generate() == generate()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a folder with every document up to date."""
    write(tmp_path)
    return tmp_path


def test_what_was_written_is_not_stale_and_not_written_again(directory: Path) -> None:
    """Writing twice touches nothing the second time."""
    assert find_stale(directory) == write(directory) == []


@pytest.mark.parametrize("path", generate())
def test_a_document_that_is_changed_or_missing_is_named_with_the_command_that_mends_it(
    path: str, directory: Path
) -> None:
    """The check fires for every file, by a byte or by its absence, and the command it names does mend it."""
    for damage in (lambda file: file.write_text(file.read_text() + " "), Path.unlink):
        damage(directory / path)
        checked = CliRunner().invoke(docs, ["check", "--directory", str(directory)])
        assert checked.exit_code == 1
        assert f"{directory / path} is stale: run `onboarding docs write`" in checked.stderr
        assert CliRunner().invoke(docs, ["write", "--directory", str(directory)]).exit_code == 0
        assert CliRunner().invoke(docs, ["check", "--directory", str(directory)]).exit_code == 0


def test_a_schema_of_a_kind_that_is_no_more_is_stale_and_removed(directory: Path) -> None:
    """An upstream developer must not find a schema of an event that nobody takes."""
    left_over = directory / "docs" / "schemas" / "vn.project06.gone.v1.schema.json"
    left_over.write_text("{}")
    assert find_stale(directory) == ["docs/schemas/vn.project06.gone.v1.schema.json"]
    write(directory)
    assert not left_over.exists()


def test_a_check_of_documents_that_are_up_to_date_says_nothing(directory: Path) -> None:
    """Silence and exit code 0 are what CI waits for."""
    checked = CliRunner().invoke(docs, ["check", "--directory", str(directory)])
    assert (checked.exit_code, checked.output) == (0, "")


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
