"""What is written beside the code stays true: nothing refers to a list that a reader does not have."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_TIME
from models.limits import NESTING_MAX, RECORD_BYTES_MAX, UUID_LENGTH
from onboarding.settings import Settings

ROOT: Final = Path(__file__).parents[1]
# What starts a process that serves a page.
PROCESSES: Final = ("consume", "total", "audit")
_TOLD_ELSEWHERE: Final = re.compile(r"(?<!its )\bissues? #?\d", re.IGNORECASE)  # "its": of another project


def texts() -> list[Path]:
    """Return every text that is under version control."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - git
    return [ROOT / name for name in listed.splitlines() if name.endswith((".py", ".md", ".sh", ".yml", ".toml"))]


def test_nothing_refers_to_the_number_of_an_issue() -> None:
    """Who has the repository has no list of them."""
    assert [path for path in texts() if _TOLD_ELSEWHERE.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("planted", ["# as {} 4 wants it", "see {} #12", "of {}s 3 and 4"])
def test_such_a_number_is_found(planted: str) -> None:
    """However it is written."""
    assert _TOLD_ELSEWHERE.search(planted.format("Iss" + "ue"))


@pytest.mark.parametrize("path", ["models/outcomes.py", "onboarding/documents/boards/reasons.py"])
def test_the_reasons_take_limits_from_where_they_are_set(path: str) -> None:
    """A number that was typed again would be told to senders long after it had changed."""
    text = (ROOT / path).read_text(encoding="utf-8")
    limits = (RECORD_BYTES_MAX // 1024, NESTING_MAX, UUID_LENGTH, CLOCK_AHEAD_MAX.seconds // 60, EARLIEST_TIME.year)
    assert [limit for limit in limits if re.search(rf"\b{limit}\b", text)] == []


def test_operators_are_told_of_every_port_and_every_process() -> None:
    """One that is forgotten there is one that nobody scrapes."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    ports = [name.upper() for name in Settings.model_fields if name.endswith("_port")]
    assert len(ports) == len(PROCESSES)
    assert [word for word in (*ports, *(f"`onboarding {verb}`" for verb in PROCESSES)) if word not in page] == []
