"""Finds personal ID numbers in what others write: by what is meant, however it is written.

A number has 12 digits (Circular 59/2021/TT-BCA): three for the province of birth, one for century and sex, two for the
year of birth, six at random. Every province begins with 0, which is lost where a number was kept as an integer.
"""

import re
import unicodedata
from base64 import b64decode
from collections.abc import Iterator
from functools import partial
from html import unescape
from typing import Final
from urllib.parse import unquote

from models.places import PROVINCE_CODES
from models.verdicts import judge

MASK: Final = "************"

# What is valid by a published pattern may hold twelve digits by chance, and is passed over: UUIDs, pseudonyms, times,
# and the codes of procedures (1.004222.000.00.00.H10) and dossiers (000.00.00.H26-230410-0001) of public services.
_OPAQUE: Final = (
    r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])"
    r"|(?<![0-9A-Fa-f])[0-9a-f]{64}(?![0-9A-Fa-f])"
    r"|(?<!\d)\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?"
    r"|(?<![\w.])\d\.\d{6}(?:\.\d{3}\.\d\d\.\d\d\.[A-Z]\d\d)?(?![\w.])"
    r"|(?<![\w.])\d{3}\.\d\d\.\d\d\.[A-Z]\d\d-\d{6}-\d{4}(?!\w)"
)
# In a row, or with up to two spaces or signs between digits; in groups, as thousands are; each an element of an array.
_DIGIT: Final = r"(?:\d|\\u003[0-9])"
_TWELVE: Final = rf"(?<!\d)(?!(?<=\+)84){_DIGIT}(?:[\s._/-]{{0,2}}{_DIGIT}){{11}}(?!\d)"
_GROUPED: Final = r"(?<![\d,'])\d{3}(?:[,']\d{3}){3}(?![\d,'])"
_ELEMENTS: Final = r'\[\s*"?\d"?(?:\s*,\s*"?\d"?){11}\s*\]'
# As an integer: the province without its zeros, one of the 63 of the General Statistics Office; then a century that
# people live of, and a year of it that is not to come. With a plus sign before it, it is a telephone's.
_PROVINCE: Final = "|".join(str(int(code)) for code in PROVINCE_CODES)
_LOST: Final = rf"(?<![\w.+-])(?<!\d,)(?:{_PROVINCE})(?:[01]\d|[23][0-3])\d{{7}}(?:\.0+)?(?!\w|[.,-]\d)"
# All of them begin with one of these signs: looked for first, it halves the time.
_OPAQUE_OR_NUMBER: Final = re.compile(rf"(?=[\dA-Fa-f\\\[])(?:({_OPAQUE})|{_TWELVE}|{_GROUPED}|{_ELEMENTS}|{_LOST})")

_VALID: Final = re.compile(rf"(?=[\dA-Fa-f])(?:{_OPAQUE})")

# What can make a number at all: ten digits of any script or in circles, with no letter of ours between two of them; or
# a way of writing something as another. Each begins with a set of signs, for which Python looks quickly.
_DIGITS: Final = (
    r"\d\u00b2\u00b3\u00b9\u1369-\u1371\u2070-\u2079\u2080-\u2089\u2460-\u249b\u24ea-\u24ff\u2776-\u2793"
    r"\U0001f100-\U0001f10a"
)
_TEN_DIGITS: Final = re.compile(rf"[{_DIGITS}](?:[^A-Za-z{_DIGITS}]*[{_DIGITS}]){{9}}")
_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}|&[#A-Za-z]|\\[uxnrtbf\"]|=3[0-9]")
_PACKED: Final = re.compile(r"[A-Za-z0-9+/_-][A-Za-z0-9+/_-]{15}")
_JSON_ESCAPE: Final = re.compile(r"(?<!\\)\\+(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\"/nrtbf]))")
_NO_UTF_8: Final = re.compile("[\udc80-\udcff]")  # how `surrogateescape` keeps a byte
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_QUOTED_PRINTABLE: Final = re.compile(r"=(3[0-9])")
_SCIENTIFIC: Final = re.compile(r"(?<![\w.])\d\.\d{5,}[eE]\+?1[01](?!\w)")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX: Final = re.compile(r"(?<![0-9A-Fa-f])(?:(?:3[0-9](?:00)?){12,}|(?:003[0-9]){12,})(?![0-9A-Fa-f])")
# Three rounds: a number in a URL in JSON in base64. Whoever packs it more often does so on purpose.
_ROUNDS_MAX: Final = 3


def reveals_personal_number(text: str) -> bool:
    """Tell whether a text holds what looks like a personal ID number in the clear, however it is written."""
    if not _may_hold_number(text):
        return False
    bare = _VALID.sub("\n", text)
    return _may_hold_number(bare) and any(map(_holds_number, _read(bare, _ROUNDS_MAX)))


def conceal_personal_numbers(raw: bytes) -> bytes:
    """Return the bytes of a record with every such number replaced by asterisks; what is valid by a pattern stays.

    Where one would still be readable (in UTF-16, behind escapes, in base64) nothing is returned: b"".
    """
    text = raw.decode(errors="surrogateescape")
    masked = _OPAQUE_OR_NUMBER.sub(lambda found: found[1] or MASK, text)
    return b"" if any(map(reveals_personal_number, _decode(masked))) else masked.encode(errors="surrogateescape")


def _decode(text: str) -> Iterator[str]:
    """Yield a text, and where it is none or holds NULs what its bytes are in UTF-16."""
    yield text
    if "\0" in text or _NO_UTF_8.search(text):
        raw = text.encode(errors="surrogateescape")
        yield raw.decode("utf-16-le", errors="replace")
        yield raw.decode("utf-16-be", errors="replace")


def _may_hold_number(text: str) -> bool:
    """Tell whether it is worth a look: for most texts it is not."""
    return bool(_TEN_DIGITS.search(text) or _ESCAPED.search(text) or _PACKED.search(text))


def _holds_number(text: str) -> bool:
    return any(found[1] is None for found in _OPAQUE_OR_NUMBER.finditer(text))


def _read(text: str, rounds: int) -> Iterator[str]:
    """Yield a text as it is, as a person or a program would read it, and what is packed in it."""
    plain = _undo(text)
    digits = plain.translate(_PLAIN)
    yield text
    if digits != text:
        yield digits
    if rounds:
        if plain != text:
            yield from _read(plain, rounds - 1)
        for packed in _unpack(plain):
            yield from _read(packed, rounds - 1)


def _undo(text: str) -> str:
    """Return a text with one layer of escapes undone: of JSON, URLs, HTML, mail, and of numbers with an exponent."""
    text = _PAIR.sub(_join, _JSON_ESCAPE.sub(_unescape, text))
    text = _QUOTED_PRINTABLE.sub(lambda found: chr(int(found[1], 16)), unescape(unquote(text)))
    text = _SCIENTIFIC.sub(lambda found: str(int(float(found[0]))), text)
    return unicodedata.normalize("NFKC", text)


def _unescape(found: re.Match[str]) -> str:
    """Return the character of an escape of JSON; a space for line feeds and the like."""
    if found[3]:
        return found[3] if found[3] in '"/' else " "
    return chr(int(found[1] or found[2], 16))


def _join(found: re.Match[str]) -> str:
    """Return the character of a surrogate pair."""
    return found[0].encode("utf-16-be", "surrogatepass").decode("utf-16-be")


def _unpack(text: str) -> Iterator[str]:
    """Yield what stands in base64 or as hex digits of characters in a text."""
    for found in _BASE64.finditer(text):
        letters = found[0].rstrip("=").replace("-", "+").replace("_", "/")
        raw = judge(partial(b64decode, letters + "=" * (-len(letters) % 4)), lambda _error: b"")
        if _may_hold_number(unpacked := raw.decode(errors="replace")):
            yield unpacked
    for found in _HEX.finditer(text):
        yield bytes.fromhex(found[0]).decode(errors="replace")


class _Plain(dict[int, str | None]):
    """By code point, what a character is to whoever reads digits: a digit, a dash, a space, itself, or nothing."""

    def __missing__(self, code: int) -> str | None:
        """Look it up in Unicode once."""
        self[code] = found = _make_plain(chr(code))
        return found


def _make_plain(character: str) -> str | None:
    """Return what a character is to whoever reads digits."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in "\t\n\r" or character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Pd" or character in _DASHES:
        return "-"
    return None if category in {"Cc", "Cf", "Mn", "Me"} else character


# Minus, bullets and dots in the middle, which stand between groups as dashes do.
_DASHES: Final = frozenset("\u2212\u2043\u00b7\u2022\u2027\u2219\u30fb\uff65\u3002\uff61\u2024\u02d7\u2796")
_PLAIN: Final = _Plain()
