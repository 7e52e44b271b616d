"""Texts on which a careless pattern works for hours: each is decoded to its end, and its outcome is a closed one."""

import json
from collections.abc import Iterator

import pytest

from models.catalogue import IDENTITY_RECORDS
from models.decoding.one_record import decode
from models.limits import RECORD_BYTES_MAX
from models.outcomes import Reason, Refused
from models.personal_numbers import conceal_personal_numbers, reveals_personal_number
from onboarding.documents.examples import EXAMPLE_APPENDED_AT, EXAMPLE_SUBJECT, example_of

pytestmark = pytest.mark.slow

# As long as a record may be. What takes steps with its square takes hours.
LENGTH = RECORD_BYTES_MAX - 2_000


def blow_ups() -> Iterator[str]:
    """Yield texts that nearly are what our patterns look for, again and again."""
    for piece in ("0", "00000000000 ", "0  ", "0 ", "\\u0030", "0-", "a", "0a", "00000000-0000-0000-0000-00000000000"):
        yield (piece * LENGTH)[:LENGTH]
    yield "0" * 11 + " " * (LENGTH - 11)
    yield "0" * 11 + "x" * (LENGTH - 11)
    yield "2024-06-10T08:30:00." + "1" * LENGTH


@pytest.mark.parametrize("text", [*blow_ups()], ids=lambda text: f"{text[:12]!r}")
@pytest.mark.parametrize("field", ["time", "id", "source", "type", "subject"])
def test_an_attribute_that_is_nearly_right_for_long_is_refused(field: str, text: str) -> None:
    """Nobody waits for it."""
    value = json.dumps(example_of(IDENTITY_RECORDS) | {field: text}).encode()[:RECORD_BYTES_MAX]
    outcome = decode(IDENTITY_RECORDS.topic, EXAMPLE_SUBJECT.encode(), value, (), EXAMPLE_APPENDED_AT)
    assert isinstance(outcome, Refused)
    assert outcome.reason in {*Reason} - {Reason.PROGRAM_FAULT}


@pytest.mark.parametrize("text", [*blow_ups()], ids=lambda text: f"{text[:12]!r}")
def test_a_text_is_searched_and_masked_to_its_end(text: str) -> None:
    """What is refused is searched whole before it is kept."""
    masked = conceal_personal_numbers(text.encode())
    assert not reveals_personal_number(masked.decode())


WRITINGS = (
    *("\\", "\\u", "%25", "%", "&amp;", "&#", "=3", "[0,", "[", '"0", ', "MDAx"),
    *("MDAw" * 3 + "MDA= ", "30", "3000", "1.0E", "00,000,"),
)


@pytest.mark.parametrize("piece", WRITINGS)
def test_a_way_of_writing_is_undone_to_its_end(piece: str) -> None:
    """Of the ways in which a number can be written each is nearly there, again and again."""
    masked = conceal_personal_numbers((piece * LENGTH)[:LENGTH].encode())
    assert not reveals_personal_number(masked.decode())


@pytest.mark.parametrize(
    "value", [b'"' * LENGTH, b'{"a":' * (LENGTH // 5), b'"\\' * (LENGTH // 3), b"\\u" * (LENGTH // 2)]
)
def test_a_value_that_opens_what_it_never_closes_is_refused(value: bytes) -> None:
    """Depth is measured without recursion, texts are passed over once."""
    outcome = decode(IDENTITY_RECORDS.topic, b"", value, (), EXAMPLE_APPENDED_AT)
    assert isinstance(outcome, Refused)
    assert outcome.reason in {*Reason} - {Reason.PROGRAM_FAULT}
