"""A file of inhabitants is read as it is written, and one that is wrong is named with its line."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor.inhabitants import Inhabitants, InhabitantsError, read_inhabitants
from models.places import PROVINCE_CODES
from onboarding.cli.main import main

HEAD = "province,inhabitants,as_of\n"


def read(folder: Path, text: str) -> list[Inhabitants]:
    """Read a file of that text."""
    path = folder / "inhabitants.csv"
    path.write_text(text, encoding="utf-8")
    return read_inhabitants(path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A line for each of the 63 provinces."""
    codes = sorted(PROVINCE_CODES)
    lines = "".join(f"{code},2000,2024-04-01\n" for code in codes)
    assert read(tmp_path, HEAD + lines) == [Inhabitants(code, 2000, date(2024, 4, 1)) for code in codes]


def test_a_province_that_is_missing_is_named(tmp_path: Path) -> None:
    """Else one of today's that it became a part of would have too many facts for each 1,000 inhabitants."""
    lines = "".join(f"{code},2000,2024-04-01\n" for code in sorted(set(PROVINCE_CODES) - {"74", "77"}))
    with pytest.raises(InhabitantsError, match="these provinces are missing: 74, 77"):
        read(tmp_path, HEAD + lines)


def test_no_file_and_an_empty_one_have_none(tmp_path: Path) -> None:
    """Compose mounts an empty file where nobody has given one."""
    assert read_inhabitants(None) == read_inhabitants(Path("/dev/null")) == read(tmp_path, HEAD) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("code,people\n", "its first line must name the columns"),
        (f"{HEAD}01,many,2024-04-01\n", "line 2"),
        (f"{HEAD}01,2000,April\n", "line 2"),
        (f"{HEAD}01,2000\n", "line 2"),
        (f"{HEAD}03,2000,2024-04-01\n", "line 2: write one of the 63"),
        (f"{HEAD}01,0,2024-04-01\n", "line 2: write one of the 63"),
        (f"{HEAD}01,1,2024-04-01\n01,2,2024-04-01\n", "province 01 is there twice"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    """A number per 1,000 inhabitants that rests on a slip of the pen would be printed."""
    with pytest.raises(InhabitantsError, match=fault):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The command says which setting and which file."""
    environment = {"ONBOARDING_INHABITANTS_FILE": str(tmp_path / "nowhere.csv")}
    told = CliRunner().invoke(main, ["audit"], env=environment)
    assert told.exit_code == 2
    assert f"ONBOARDING_INHABITANTS_FILE: {tmp_path}/nowhere.csv cannot be read: FileNotFoundError" in told.output
