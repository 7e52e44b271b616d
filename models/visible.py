"""Text from outside on a terminal or in a log: what is not printable has one sign, so that a terminal obeys nobody."""

import re
from typing import Final

# In the place of control characters (what begins an ANSI sequence, line feeds) and of marks that turn the direction.
SIGN: Final = "\N{REPLACEMENT CHARACTER}"

_USER_AND_PASSWORD: Final = re.compile(r"//[^/@]*@")


def hide_secrets(value: str) -> str:
    """Return an address without user, password and parameters, or several, separated by commas."""
    return ",".join(_USER_AND_PASSWORD.sub("//", each).partition("?")[0] for each in value.split(","))


def visible(text: str) -> str:
    """Return a text on one line with a sign for each character that cannot be printed."""
    return text if text.isprintable() else "".join(each if each.isprintable() else SIGN for each in text)
