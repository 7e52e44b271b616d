"""Attributes the samples of a profile to stages."""

import linecache
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.stages.table import CALLER, INNERMOST, LOOPS, OTHER, PLACES, SHARED, WAITING, Row

ROOT: Final = Path(__file__).parents[2]
# What py-spy writes with --format raw and --full-filenames: "function (file:line);function (file:line) samples".
_FRAME: Final = re.compile(r"(?P<function>.*) \((?P<path>.*):(?P<line>\d+)\)")
_INSTALLED: Final = re.compile(r".*/(?:site-packages|python3\.\d+)/")


class Frame(NamedTuple):
    """A call that was under way.

    path -- without the folder that the code is installed in
    ours -- whether it is code of this project
    text -- the line that ran
    """

    function: str
    path: str
    ours: bool
    text: str

    def describe(self) -> str:
        """Name the function and its file."""
        return f"{self.function} ({self.path})"


@dataclass
class Profile:
    """Samples by stage, and of those that fit none by place."""

    stages: Counter[str] = field(default_factory=Counter)
    strange: Counter[str] = field(default_factory=Counter)

    @property
    def samples(self) -> int:
        """The samples in which the processor was used."""
        return self.stages.total() - self.stages[WAITING]


def read_profile(lines: Iterable[str], root: Path = ROOT) -> Profile:
    """Attribute every sample of a raw profile.

    root -- the folder of this project
    """
    profile = Profile()
    for line in lines:
        stack, samples = line.rsplit(" ", 1)
        frames = list(_read_frames(stack, root))
        stage = find_stage(frames)
        profile.stages[stage] += int(samples)
        if stage == OTHER and frames:
            profile.strange[_find_place(frames).describe()] += int(samples)
    return profile


def find_stage(frames: Sequence[Frame]) -> str:
    """Return the stage of a stack, the innermost frame first."""
    called = list(takewhile(lambda frame: not _find_row(LOOPS, frame), frames))
    for rows, candidates in ((PLACES, called), (SHARED, called), (INNERMOST, frames[:1])):
        for frame in candidates:
            row = _find_row(rows, frame)
            if row and row.stage != CALLER:
                return row.stage
            if _is_unknown(frame):
                return OTHER
    return OTHER


def _is_unknown(frame: Frame) -> bool:
    """Tell whether a frame is code of this project that the table does not know."""
    return frame.ours and not _find_row(PLACES, frame)


def _find_row(rows: Iterable[Row], frame: Frame) -> Row | None:
    """Return the first row that a frame fits."""
    return next((row for row in rows if _fits(row, frame)), None)


def _fits(row: Row, frame: Frame) -> bool:
    named = not row.function or f"{frame.function}.".startswith(f"{row.function}.")
    return named and row.line in frame.text and f"{frame.path}/".startswith(row.path.removesuffix("/") + "/")


def _find_place(frames: Sequence[Frame]) -> Frame:
    """Return the frame that tells most: the innermost of ours that no row knows, else the innermost."""
    return next(filter(_is_unknown, frames), frames[0])


def _read_frames(stack: str, root: Path) -> Iterator[Frame]:
    """Yield the frames of a stack, the innermost first."""
    for text in reversed(stack.split(";")):
        if found := _FRAME.fullmatch(text):
            path = found["path"]
            ours = path.startswith(f"{root}/") and not _INSTALLED.match(path)
            yield Frame(found["function"], _shorten(path, root), ours, linecache.getline(path, int(found["line"])))


def _shorten(path: str, root: Path) -> str:
    """Return a path without the folder that the code is installed in."""
    return _INSTALLED.sub("", path).removeprefix(f"{root}/")
