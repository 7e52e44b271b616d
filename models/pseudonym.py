"""The subject of an event: a keyed pseudonym of the citizen, never the personal ID number."""

import hmac
import re
import unicodedata

# A personal ID number has 12 digits (Circular 59/2021/TT-BCA): in a row or with up to two spaces or signs
# between them, in any script's digits, also written as JSON escapes, and touched by no further digit.
_DIGIT = r"(?:\d|\\u003[0-9])"
_NUMBER = rf"(?<!\d){_DIGIT}(?:[\s._/-]{{0,2}}{_DIGIT}){{11}}(?!\d)"
# UUIDs and pseudonyms may hold twelve digits by chance: valid by their own pattern, they are passed over.
_OPAQUE = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|(?<![0-9A-Fa-f])[0-9a-f]{64}(?![0-9A-Fa-f])"
_OPAQUE_OR_NUMBER = re.compile(rf"({_OPAQUE})|{_NUMBER}")
# What has fewer than twelve digits cannot hold a number: looked for first, as it takes a tenth of the time.
_TWELVE_DIGITS = re.compile(r"(?:\d\D*){12}")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_PERSONAL_NUMBER = re.compile(r"[0-9]{12}")
MASK = "************"


def pseudonym(key: bytes, personal_number: str) -> str:
    """Return the subject of a citizen: HMAC-SHA-256 of the 12 ASCII digits, as 64 lower-case hex digits.

    key -- the secret shared by the upstream systems, at least 32 bytes (RFC 2104: the length of the hash).
    Raises ValueError when the key is short or the number has not 12 digits; the message holds neither.
    """
    if len(key) < 32:  # noqa: PLR2004 - RFC 2104, section 3: keys shorter than the hash weaken it
        raise ValueError("the pseudonym key is shorter than 32 bytes: use at least 32 random bytes")
    if not _PERSONAL_NUMBER.fullmatch(personal_number):
        raise ValueError("a personal ID number has exactly 12 digits; this one has not")
    return hmac.digest(key, personal_number.encode("ascii"), "sha256").hex()


def reveals_personal_number(text: str) -> bool:
    """Tell whether a text holds something that looks like a 12-digit personal ID number in the clear."""
    if _TWELVE_DIGITS.search(text) is None:
        return False
    return any(found[1] is None for found in _OPAQUE_OR_NUMBER.finditer(text))


def conceal_personal_numbers(raw: bytes) -> bytes:
    """Return the bytes of a record with every such number replaced by asterisks; UUIDs and pseudonyms stay.

    Where one would still be readable (in UTF-16, behind JSON escapes, between other signs) nothing is returned: b"".
    """
    text = raw.decode(errors="surrogateescape")
    masked = _OPAQUE_OR_NUMBER.sub(lambda found: found[1] or MASK, text)
    return b"" if reveals_personal_number(_as_read(masked)) else masked.encode(errors="surrogateescape")


def _as_read(text: str) -> str:
    """Return a text as a person or a program would read it: escapes undone, NULs dropped, digits and spaces plain."""
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\x00", "")
    return unicodedata.normalize("NFKC", plain)
