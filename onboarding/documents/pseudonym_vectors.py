"""Published test vectors of the pseudonym, for upstream systems in any language. Every number in them is invented."""

from typing import Any, Final

from models.pseudonym import pseudonym
from onboarding.documents.examples import INVENTED_NUMBER, PUBLISHED_KEY

NOTE: Final = (
    "Every personal number here is INVENTED: the prefix 000 belongs to no province, so nobody has such a number. "
    "The keys are published, so never use one. subject = lower-case hex of HMAC-SHA-256(key, the 12 ASCII digits)."
)

# Lengths at which implementations of HMAC-SHA-256 part ways (RFC 2104, section 2; its block has 64 bytes).
_KEYS: Final[dict[str, bytes]] = {
    "the shortest key allowed: 32 bytes": PUBLISHED_KEY,
    "a key that is no text": b"\xff" * 32,
    "a key of one block: 64 bytes": bytes(range(64)),
    "a key longer than a block, hashed first: 65 bytes": bytes(range(65)),
}
_NUMBERS: Final = (INVENTED_NUMBER, "000000000001", "000999999999")
# What must be an error and never a subject.
_ERRORS: Final[dict[str, tuple[bytes, str]]] = {
    "a key of 31 bytes": (PUBLISHED_KEY[:31], INVENTED_NUMBER),
    "no key": (b"", INVENTED_NUMBER),
    "11 digits": (PUBLISHED_KEY, "00000000000"),
    "13 digits": (PUBLISHED_KEY, "0000000000000"),
    "spaces between the digits": (PUBLISHED_KEY, "000 000 000 000"),
    "a line end after the digits": (PUBLISHED_KEY, "000000000000\n"),
    "full-width digits": (PUBLISHED_KEY, "０" * 12),  # noqa: RUF001 - these digits are what the vector is about
}


def pseudonym_vectors() -> dict[str, Any]:
    """Return the vectors: a key and a number with their subject, and pairs that are an error."""
    subjects = [
        {"name": name, "key_hex": key.hex(), "personal_number": number, "subject": pseudonym(key, number)}
        for name, key in _KEYS.items()
        for number in _NUMBERS
    ]
    errors = [
        {"name": name, "key_hex": key.hex(), "personal_number": number} for name, (key, number) in _ERRORS.items()
    ]
    return {"note": NOTE, "subjects": subjects, "errors": errors}
