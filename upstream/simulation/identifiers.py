"""Time-ordered identifiers: the form that the contract recommends, because the ledger's index stays small."""

from typing import Final

# RFC 9562, section 5.7: 48 bits of time, version 7, 12 random bits, variant 2, 62 random bits.
RANDOM_BITS: Final = 74
_VERSION: Final = 7 << 76
_VARIANT: Final = 2 << 62
_LOW_BITS: Final = 62
_LOW_MASK: Final = (1 << _LOW_BITS) - 1


def uuid7(unix_milliseconds: int, random_bits: int) -> str:
    """Return a UUID of version 7 in its hyphenated form.

    unix_milliseconds -- since 1970, below 2^48
    random_bits -- RANDOM_BITS of them; who passes the same gets the same
    """
    high = unix_milliseconds << 80 | (random_bits >> _LOW_BITS) << 64
    digits = f"{high | _VERSION | _VARIANT | random_bits & _LOW_MASK:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
