"""UUIDs of version 7, bit by bit (RFC 9562, section 5.7)."""

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from upstream.simulation.writers import RANDOM_BITS, uuid7


def test_example_of_the_standard() -> None:
    """RFC 9562, appendix A.6: the published example."""
    random_bits = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert uuid7(0x017F22E279B0, random_bits) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**RANDOM_BITS - 1))
def test_time_version_variant_and_every_random_bit(milliseconds: int, random_bits: int) -> None:
    """Nothing that is put in is lost, and a reader sees version 7."""
    text = uuid7(milliseconds, random_bits)
    uuid = UUID(text)
    assert str(uuid) == text
    assert (uuid.version, uuid.variant) == (7, RFC_4122)
    assert uuid.int >> 80 == milliseconds
    assert (uuid.int >> 64 & 0xFFF) << 62 | uuid.int & (1 << 62) - 1 == random_bits


@given(st.integers(0, 2**48 - 2), st.integers(0, 2**RANDOM_BITS - 1), st.integers(0, 2**RANDOM_BITS - 1))
def test_later_sorts_after_earlier(milliseconds: int, one: int, other: int) -> None:
    """The ledger's index grows at its end because the order of ids is the order of time."""
    assert uuid7(milliseconds, one) < uuid7(milliseconds + 1, other)
