"""Text from outside on a terminal or in a log: what is not printable has one sign, so that a terminal obeys nobody."""

from typing import Final

# In the place of control characters (what begins an ANSI sequence, line feeds) and of marks that turn the direction.
SIGN: Final = "\N{REPLACEMENT CHARACTER}"


def visible(text: str) -> str:
    """Return a text on one line with a sign for each character that cannot be printed."""
    return text if text.isprintable() else "".join(each if each.isprintable() else SIGN for each in text)
