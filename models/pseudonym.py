"""The subject of an event: a keyed pseudonym of the citizen, never the personal ID number."""

import hmac
import re

_PERSONAL_NUMBER = re.compile(r"[0-9]{12}")


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
