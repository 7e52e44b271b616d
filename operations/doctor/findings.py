"""What `doctor` finds: one verdict a check, and what to do about it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    SKIPPED = "skipped"  # it could not be made; another finding says why
    WARNING = "warning"  # it works, and will not when something else goes wrong
    FAULT = "fault"


class Finding(NamedTuple):
    """The verdict of one check.

    remedy -- what to do, to be typed where it can be; "" where nothing is to be done
    """

    check: str
    level: Level
    text: str
    remedy: str = ""

    def describe(self) -> str:
        """Say it in one line, behind its level."""
        return f"{self.check}: {self.text}" + (f"; {self.remedy}" if self.remedy else "")


def exit_code_of(findings: Iterable[Finding]) -> int:
    """Return 2 when there is a fault, 1 when there is a warning, else 0."""
    levels = {finding.level for finding in findings}
    return 2 if Level.FAULT in levels else int(Level.WARNING in levels)
