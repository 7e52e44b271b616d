"""What a sender writes does nothing to the terminal of whoever reads it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.redaction import shape_of
from models.visible import SIGN, visible

# What terminals and viewers of logs obey: ANSI and C1 sequences, ends of lines, bidi marks, zero widths, tags.
OBEYED = [
    "\x1b[2J\x1b[1;31mX",
    "\x9b31m",
    "a\nunresolved: no",
    "a\rb",
    "a\x0bb\x0cc",
    "a\u0085b\u2028c\u2029d",
    "\u202eabc\u202c",
    "\u2066a\u2069",
    "\u200e\u200f\u061c",
    "a\u200bb\u200dc\ufeffd",
    "\x00\x07\x08\x7f",
    "\ud800",
    "\U000e0041",
    "\u00ad",
]


@pytest.mark.parametrize("text", OBEYED)
def test_what_a_terminal_obeys_is_a_sign(text: str) -> None:
    """In a shape as well: it keeps what is no letter and no digit."""
    for shown in (visible(text), shape_of(text)):
        assert SIGN in shown
        assert shown.isprintable()


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_letters_signs_and_marks_stay(text: str) -> None:
    """Vietnamese above all."""
    assert visible(text) == text
    assert visible("Quầy số 3, Phường Bến Nghé") == "Quầy số 3, Phường Bến Nghé"


@given(st.text(st.characters(codec=None)))
def test_any_text_is_as_long_as_it_was_and_printable(text: str) -> None:
    """One sign for each character: how many there were is seen."""
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(unicodedata.category(each)[0] != "C" for each in shown)
