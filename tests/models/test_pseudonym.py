"""The pseudonym is the same in every language, and no personal number stays in what is kept."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pseudonym import MASK, conceal_personal_numbers, pseudonym, reveals_personal_number
from onboarding.documents.pseudonym_vectors import pseudonym_vectors

VECTORS = pseudonym_vectors()
KEY = bytes(range(32))
numbers = st.from_regex(r"\A[0-9]{12}\Z")
# Text that touches a number without being part of it.
surroundings = st.text(st.characters(categories=["L", "P", "Z"], exclude_characters="\0-."), max_size=20)


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


@given(surroundings, numbers, st.sampled_from(["", " ", ".", "-"]), surroundings)
def test_a_number_in_any_usual_grouping_is_seen_and_masked(before: str, number: str, sep: str, after: str) -> None:
    """People write 12 digits in groups of three; none of them may be kept."""
    grouped = sep.join(re.findall("...", number))
    text = f"{before}{grouped}{after}"
    assert reveals_personal_number(text)
    assert conceal_personal_numbers(text.encode()).decode() == f"{before}{MASK}{after}"


@given(st.uuids(), st.binary(min_size=32, max_size=32), numbers)
def test_uuids_and_pseudonyms_stay_beside_a_masked_number(uuid: object, subject: bytes, number: str) -> None:
    """A masked record can still be found by its id."""
    text = f'{{"id":"{uuid}","subject":"{subject.hex()}","desk":"{number}"}}'
    assert conceal_personal_numbers(text.encode()).decode() == text.replace(f'"{number}"', f'"{MASK}"')


def test_a_uuid_and_a_pseudonym_of_digits_only_stay() -> None:
    """The worst case of chance: every hex digit is a decimal digit."""
    opaque = f"00000000-0000-4000-8000-123456789012 {'0123456789' * 6}1234".encode()
    assert conceal_personal_numbers(opaque) == opaque


@given(st.integers(1, 40).filter(lambda count: count != 12))
def test_more_or_fewer_digits_are_no_personal_number(count: int) -> None:
    """Telephone numbers, times in milliseconds and record numbers are not masked."""
    assert not reveals_personal_number("7" * count)


@given(st.binary())
def test_masking_takes_any_bytes_and_twice_changes_nothing_more(raw: bytes) -> None:
    """Refused bytes may be anything, and what is kept is masked for good."""
    masked = conceal_personal_numbers(raw)
    assert conceal_personal_numbers(masked) == masked


@pytest.mark.parametrize(
    "raw",
    [
        "số 001099123456".encode("utf-16"),
        "số 001099123456".encode("utf-16-be"),
        b'"one 001099123456 two 001\\u00a0099\\u00a0123\\u00a0456"',
        b"\\uff10\\uff10\\uff11\\uff10\\uff19\\uff19\\uff11\\uff12\\uff13\\uff14\\uff15\\uff16",
        b"001_099_123_456",
        b"001/099/123/456",
        b"0\x000\x001\x000\x009\x009\x001\x002\x003\x004\x005\x006",
    ],
)
def test_no_number_is_left_readable(raw: bytes) -> None:
    """What cannot be masked in place is withheld whole."""
    concealed = conceal_personal_numbers(raw)
    assert concealed in {b"", MASK.encode()}
