"""How many people live in each province: figures that an operator gives, for numbers per 1,000 inhabitants."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from models.places import PROVINCE_CODES

# A thousand million: ten times the country.
_NUMBER_MAX: Final = 1_000_000_000
_COLUMNS: Final = {"province", "inhabitants", "as_of"}


class InhabitantsError(Exception):
    """The file of inhabitants is not as it should be; the message says where and what to write instead."""


class Inhabitants(NamedTuple):
    """How many people lived in one of the 63 provinces on a day."""

    province: str
    number: int
    as_of: date


def read_inhabitants(path: Path | None) -> list[Inhabitants]:
    """Read the file of inhabitants; an empty one has none. Raises InhabitantsError that names the wrong line."""
    if path is None:
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return _read(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InhabitantsError(f"{path} cannot be read: {type(error).__name__}") from None


def _read(rows: "csv.DictReader[str]") -> list[Inhabitants]:
    """Read the rows: none, or one for each province."""
    if not rows.fieldnames:
        return []
    if not _COLUMNS.issubset(rows.fieldnames):
        raise InhabitantsError("its first line must name the columns province,inhabitants,as_of")
    found = [_parse(row, rows.line_num) for row in rows]
    _demand_each_once([each.province for each in found])
    return found


def _parse(row: Mapping[str, Any], line: int) -> Inhabitants:
    """Read one row."""
    try:
        read = Inhabitants(row["province"], int(row["inhabitants"]), date.fromisoformat(row["as_of"]))
    except (TypeError, ValueError):
        raise InhabitantsError(
            f"line {line}: write a whole number of inhabitants and a day such as 2024-04-01"
        ) from None
    if read.province not in PROVINCE_CODES or not 0 < read.number <= _NUMBER_MAX:
        raise InhabitantsError(
            f"line {line}: write one of the 63 two-digit codes, and 1 to {_NUMBER_MAX:,} inhabitants"
        )
    return read


def _demand_each_once(provinces: Sequence[str]) -> None:
    """Raise InhabitantsError for a province that is there twice, or not: its people would miss in one of today's."""
    for province, lines in Counter(provinces).items():
        if lines > 1:
            raise InhabitantsError(f"province {province} is there twice")
    missing = sorted(set(PROVINCE_CODES) - set(provinces))
    if provinces and missing:
        raise InhabitantsError(f"these provinces are missing: {', '.join(missing)}")
