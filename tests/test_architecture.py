"""The page of the architecture says what is so: rooms, laws with their proofs, words with their files, one picture."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
LINTER: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
WORDS: Final = {
    *("kind", "fact", "business key", "source partition", "slice", "page", "gap", "epoch", "revision", "turn", "lease"),
    *("tally", "net", "opening balance", "restatement", "mark (of a log)", "mark (of a total)"),
}


def rows_of(section: str) -> list[list[str]]:
    """Return the cells of the rows of a section's table."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_room_has_a_row_in_the_order_of_the_layers() -> None:
    """From what imports everything to what imports nothing of ours; rooms of one layer stand beside each other."""
    (contract,) = (each for each in LINTER["contracts"] if each["type"] == "layers")
    layers = [set(layer.replace(" ", "").split("|")) for layer in contract["layers"]]
    rooms = [row[0].strip("`/") for row in rows_of("Rooms")]
    assert sorted(rooms) == sorted(LINTER["root_packages"])
    place = {room: number for number, layer in enumerate(layers) for room in layer}
    assert all(place[one] <= place[other] for one, other in pairwise(rooms))


@pytest.mark.parametrize("law", rows_of("Laws"), ids=lambda row: f"law {row[0]}")
def test_the_tests_that_prove_a_law_are_there(law: list[str]) -> None:
    """A law whose test was renamed would be a sentence."""
    proofs = re.findall(r"`([^`]+)::([^`]+)`", law[2])
    assert proofs
    for file, test in proofs:
        assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_laws_are_numbered_without_a_hole() -> None:
    """They are quoted by number."""
    assert [row[0] for row in rows_of("Laws")] == [str(number) for number in range(1, 8)]


@pytest.mark.parametrize("word", rows_of("Words"), ids=lambda row: row[0])
def test_a_word_is_used_where_it_is_said_to_stand(word: list[str]) -> None:
    """The file is there, and speaks of it."""
    text = (ROOT / word[2].strip("`")).read_text(encoding="utf-8").lower()
    assert word[0].partition(" (")[0].split()[-1].replace("tally", "tall") in text


def test_words_that_a_newcomer_meets_are_explained() -> None:
    """Each once."""
    words = [row[0] for row in rows_of("Words")]
    assert len(words) == len(set(words))
    assert set(words) >= WORDS


def test_the_readme_has_the_same_picture() -> None:
    """It is drawn twice, and must not differ."""
    picture = PAGE.partition("```\n")[2].partition("```")[0]
    assert picture in (ROOT / "README.md").read_text(encoding="utf-8")
    assert picture.count("\n") > 10
