"""The words of a page: templates filled with figures, tables, and figures as people read them."""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Final

_TEXTS: Final = Path(__file__).parent / "texts"
_LINE_MAX: Final = 120
# 3 digits: a second run differs in the third, or before.
_DIGITS: Final = 3
_WHOLE_FROM: Final = 10 ** (_DIGITS - 1)


def fill(name: str, **figures: object) -> str:
    """Return the text of a name with its placeholders replaced. Raises KeyError when a figure is missing."""
    return Template((_TEXTS / f"{name}.md").read_text(encoding="utf-8")).substitute(figures).strip()


def tabulate(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; every column but the first is a figure if its first cell is one."""
    cells = [list(row) for row in rows]
    rules = ["--:" if row[:1].isdecimal() else "---" for row in cells[0]] if cells else ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rules, *cells))


def wrap(text: str) -> str:
    """Return a paragraph in lines as long as those of the code."""
    return "\n".join(textwrap.wrap(text, _LINE_MAX, break_on_hyphens=False))


def show(figure: float) -> str:
    """Return a figure with three digits, in full."""
    rounded = float(f"{figure:.{_DIGITS}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= _WHOLE_FROM else f"{rounded:.{_DIGITS}g}"


def show_share(share: float) -> str:
    """Return a share in percent."""
    return f"{share:.0%}"


def join(words: Sequence[str]) -> str:
    """Return words as a sentence lists them."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
