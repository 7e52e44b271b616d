"""Every dependency is accounted for in docs/dependencies.md, and nothing else is."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PROJECT: Final[Mapping[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SECTIONS: Final = ("Run time", "Embedded servers", "Development", "Fuzzing", "Interoperability")

_ROW: Final = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def named_in_project(project: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the packages that pyproject.toml names, by the section of the page that they belong to."""
    groups = project["dependency-groups"]
    asked = (groups[name] for name in ("embedded", "dev", "fuzz", "interop"))
    requirements = (project["project"]["dependencies"], *asked)
    return {section: names_of(found) for section, found in zip(SECTIONS, requirements, strict=True)}


def names_of(requirements: Iterable[object]) -> list[str]:
    """Return the sorted names of requirements, without versions and extras; an included group is no package."""
    return sorted(match[0].lower() for text in requirements if isinstance(text, str) if (match := _NAME.match(text)))


def named_on_page(page: str) -> dict[str, list[str]]:
    """Return the packages that have a row, by section."""
    parts = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    return {section: sorted(_ROW.findall(parts[section])) for section in SECTIONS}


def test_every_dependency_has_a_row_and_every_row_is_a_dependency() -> None:
    """Whoever adds a package says why, and whoever drops one takes its reason away."""
    assert named_on_page(PAGE) == named_in_project(PROJECT)


def test_no_group_is_passed_over() -> None:
    """A new group needs a section of its own."""
    assert PROJECT["dependency-groups"].keys() == {"embedded", "dev", "fuzz", "interop"}
    assert "optional-dependencies" not in PROJECT["project"]


@pytest.mark.parametrize(
    "planted",
    [
        PAGE.replace("| `aiokafka` |", "| aiokafka |"),
        PAGE.replace("## Embedded servers", "| `left-pad` | padding |\n\n## Embedded servers"),
        PAGE.replace("| `jgo` |", "| `jgo-fork` |"),
    ],
    ids=["a missing row", "a row too many", "another package"],
)
def test_a_page_that_differs_is_seen(planted: str) -> None:
    """A check that cannot fail proves nothing."""
    assert named_on_page(planted) != named_in_project(PROJECT)
