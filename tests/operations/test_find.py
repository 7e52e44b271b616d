"""What became of an event is told in sentences that name place and reason, and nothing of the citizen."""

from datetime import UTC, date, datetime
from uuid import UUID

from models.catalogue import IDENTITY_RECORDS
from operations.find.fate import Counted, Found, Place, Refusal, Repetition
from operations.find.sentences import tell

WANTED = UUID("018fc2a4-7b1e-7c3d-9a52-3f6e8d0b1c2f")
EARLIER = UUID("018fc2a4-0000-7c3d-9a52-3f6e8d0b1c2f")
TOPIC = IDENTITY_RECORDS.topic
PLACE = Place(TOPIC, 3, 17, datetime(2024, 6, 9, 18, 0, tzinfo=UTC))
FACT = Counted(IDENTITY_RECORDS, EARLIER, PLACE, date(2024, 6, 9), {"source": "urn:s", "province": "01"})
AT = f"at {TOPIC}/3 offset 17, appended 2024-06-10 01:00:00 (Vietnam)"


def test_a_counted_event_is_told_with_its_place() -> None:
    """The upstream must find it again in its own books."""
    (line,) = tell(EARLIER, found(counted=(FACT,)))
    assert line == (
        f"counted: identity_records_received on 2024-06-09 (source urn:s, province 01), event {EARLIER}, {AT}"
    )


def test_a_duplicate_is_told_with_what_it_repeats() -> None:
    """A duplicate of what, is the question."""
    first, second = tell(WANTED, found(repetitions=(Repetition("conflict", PLACE, FACT),)))
    assert first == f"duplicate: conflict, the same business key with other content, {AT}"
    assert second.startswith("  of identity_records_received on 2024-06-09")
    assert str(EARLIER) in second


def test_a_duplicate_of_nothing_is_told() -> None:
    """A ledger that lost a row must not look whole."""
    _, line = tell(WANTED, found(repetitions=(Repetition("retry", PLACE, None),)))
    assert "onboarding recount" in line


def test_a_refusal_is_told_with_its_explanation() -> None:
    """The upstream must know what to mend."""
    (line,) = tell(WANTED, found(refusals=(Refusal(PLACE, "province_unknown", "data.province"),)))
    explanation = "data.province is no two-digit code of the General Statistics Office"
    assert line == f"refused: province_unknown (data.province): {explanation}; {AT}"


def test_a_reason_of_a_newer_version_is_told_too() -> None:
    """An older tool on a newer ledger must not fall over."""
    (line,) = tell(WANTED, found(refusals=(Refusal(PLACE, "of_tomorrow", ""),)))
    assert line.startswith("refused: of_tomorrow: a reason unknown to this version")


def test_an_unseen_event_is_told_with_how_far_the_ledger_is() -> None:
    """It may still come, so the answer says until when everything has been seen."""
    lines = list(tell(WANTED, found()))
    assert lines[0].startswith("not seen: ")
    assert lines[1] == f"  counted up to 2024-06-10 01:00:00 (Vietnam) on {TOPIC}"
    assert lines[2] == "  counted up to nothing on other"
    assert "onboarding status" in lines[3]


def test_the_exit_code_says_whether_the_event_is_known() -> None:
    """A script asks just that."""
    assert found().exit_code == 1
    assert found(counted=(FACT,)).exit_code == 0
    assert found(refusals=(Refusal(PLACE, "not_json", ""),)).exit_code == 0


def found(
    counted: tuple[Counted, ...] = (),
    repetitions: tuple[Repetition, ...] = (),
    refusals: tuple[Refusal, ...] = (),
) -> Found:
    """Return what a ledger knows that has seen one topic so far."""
    return Found(counted, repetitions, refusals, {TOPIC: PLACE.appended_at, "other": None})
