"""The pseudonym is the same in every language, and no personal number stays in what is kept."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pseudonym import pseudonym
from onboarding.documents.pseudonym_vectors import pseudonym_vectors

VECTORS = pseudonym_vectors()
KEY = bytes(range(32))
numbers = st.from_regex(r"\A[0-9]{12}\Z")


def _hmac_by_definition(key: bytes, message: bytes) -> str:
    """Compute HMAC-SHA-256 as RFC 2104 writes it, so that the vectors do not rest on the code they test."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).hexdigest()


@pytest.mark.parametrize("vector", VECTORS["subjects"], ids=str)
def test_a_published_subject_is_what_rfc_2104_defines(vector: dict[str, str]) -> None:
    """An upstream system in any language must arrive at the same 64 digits."""
    key, number = bytes.fromhex(vector["key_hex"]), vector["personal_number"]
    assert vector["subject"] == _hmac_by_definition(key, number.encode()) == pseudonym(key, number)


@pytest.mark.parametrize("vector", VECTORS["errors"], ids=lambda vector: vector["name"])
def test_a_bad_key_or_number_is_an_error_that_repeats_neither(vector: dict[str, str]) -> None:
    """An error is logged; a personal number in a log is a breach."""
    key, number = bytes.fromhex(vector["key_hex"]), vector["personal_number"]
    with pytest.raises(ValueError, match=r"pseudonym key|personal ID number") as raised:
        pseudonym(key, number)
    assert number not in str(raised.value)
    assert not vector["key_hex"] or vector["key_hex"] not in str(raised.value)


def test_every_number_in_the_vectors_is_invented() -> None:
    """No province has the prefix 000, so no citizen is in a published file."""
    assert all(re.sub(r"\D", "", vector["personal_number"]).startswith("000") for vector in VECTORS["subjects"])


@given(numbers, numbers)
def test_two_citizens_have_two_subjects(one: str, other: str) -> None:
    """Counting by citizen would be wrong were they the same."""
    assert (pseudonym(KEY, one) == pseudonym(KEY, other)) == (one == other)
