"""The verdict on each line of a file, as the consumer would give it, in words without values."""

import json
from datetime import datetime
from typing import Any

import pytest

from models.calendar import VIETNAM
from models.decoding.one_record import Accepted
from models.limits import RECORD_BYTES_MAX
from models.outcomes import EXPLANATIONS, Duplicate, Reason, Refused
from tests.upstream.examples import LOGIN, OTHER_ID, RECORD, spoil, to_file
from upstream.publishing.check import Checked, Repeated, ReusedId, check_lines, explain
from upstream.publishing.lines import read_lines

NOW = datetime(2024, 6, 10, 9, tzinfo=VIETNAM)

FAULTS: list[tuple[dict[str, Any] | bytes, Reason, str]] = [
    (b"", Reason.EMPTY_VALUE, ""),
    (b"\xff", Reason.NOT_UTF8, ""),
    (b"{'type': 1}", Reason.NOT_JSON, ""),
    (b"[]", Reason.NOT_AN_OBJECT, ""),
    (b"[" * 100_000, Reason.NESTED_TOO_DEEP, ""),
    (b"x" * (RECORD_BYTES_MAX + 1), Reason.TOO_LARGE, ""),
    (json.dumps(spoil(RECORD, extra=float("nan"))).encode(), Reason.NOT_A_NUMBER, ""),
    (spoil(RECORD, extra="\ud800"), Reason.FORBIDDEN_CHARACTER, ""),
    (spoil(RECORD, specversion="2.0"), Reason.SPECVERSION_WRONG, "specversion"),
    (spoil(RECORD, type="vn.project06.unheard-of.v1"), Reason.TYPE_UNKNOWN, "type"),
    (spoil(RECORD, id="1"), Reason.ID_NOT_UUID, "id"),
    (spoil(RECORD, subject="5D" * 32), Reason.SUBJECT_INVALID, "subject"),
    (spoil(RECORD, subject=7), Reason.SUBJECT_INVALID, "subject"),
    (spoil(RECORD, time="2024-06-09T08:15:00"), Reason.TIME_WITHOUT_OFFSET, "time"),
    (spoil(RECORD, time="2024-06-10T09:05:01+07:00"), Reason.TIME_IN_FUTURE, "time"),
    (spoil(RECORD, data={"province": "03"}), Reason.PROVINCE_UNKNOWN, "data.province"),
    (spoil(RECORD, data={"desk": "Tel 001 099 012 345"}), Reason.PERSONAL_DATA_IN_CLEAR, "data.desk"),
    (spoil(LOGIN, data={"portal": "elsewhere"}), Reason.PORTAL_UNKNOWN, "data.portal"),
]


def check(*lines: dict[str, Any] | bytes) -> list[Checked]:
    """Judge lines as of NOW."""
    return list(check_lines(read_lines(to_file(*lines)), lambda: NOW))


def test_valid_lines_are_accepted() -> None:
    """What the contract allows is not complained about."""
    checked = check(RECORD, LOGIN)
    assert [type(one.outcome) for one in checked] == [Accepted, Accepted]
    assert all(one.is_counted for one in checked)


@pytest.mark.parametrize(("fault", "reason", "where"), FAULTS, ids=[reason for _, reason, _ in FAULTS])
def test_a_fault_is_told_with_its_line_reason_field_and_explanation(
    fault: dict[str, Any] | bytes, reason: Reason, where: str
) -> None:
    """The second line of three is at fault, and the third is still accepted."""
    before, spoilt, after = check(RECORD, fault, LOGIN)
    assert before.is_counted
    assert after.is_counted
    assert not spoilt.is_counted
    assert spoilt.outcome == Refused(reason, where)
    text = explain(spoilt)
    assert text.startswith(f"line 2: refused, {reason}")
    assert f"({where})" in text or not where
    assert text.endswith(EXPLANATIONS[reason])


@pytest.mark.parametrize(
    ("again", "kind"),
    [
        (RECORD, Duplicate.RETRY),
        (spoil(RECORD, time="2024-06-09T01:15:00Z"), Duplicate.RETRY),
        (spoil(RECORD, id=OTHER_ID), Duplicate.REPEAT),
        (spoil(RECORD, data={"province": "79"}), Duplicate.CONFLICT),
        (spoil(RECORD, id=OTHER_ID, data={"province": "79"}), Duplicate.CONFLICT),
    ],
)
def test_a_business_key_said_twice_is_the_duplicate_it_would_become(again: dict[str, Any], kind: Duplicate) -> None:
    """The ledger's three kinds, each with the line that came first."""
    *_, last = check(RECORD, LOGIN, again)
    assert last.outcome == Repeated(kind, first_line=1)
    assert not last.is_counted
    assert explain(last).startswith(f"line 3: duplicate of line 1, {kind}: ")


def test_an_id_used_for_two_facts_is_told_and_counted() -> None:
    """The ledger tells facts apart by business key: both count, yet find by event id would be ambiguous."""
    _, last = check(RECORD, spoil(LOGIN, id=RECORD["id"]))
    assert last.outcome == ReusedId(first_line=1)
    assert last.is_counted
    assert "line 2: counted, but its id is that of line 1" in explain(last)


def test_the_same_uuid_as_key_of_two_kinds_is_no_duplicate() -> None:
    """Each kind has a ledger table of its own."""
    number = RECORD["data"]["record_number"]
    assert all(one.is_counted for one in check(RECORD, spoil(LOGIN, data={"login_id": number})))


def test_a_refused_line_is_not_remembered() -> None:
    """Only what is counted can be repeated."""
    spoilt = spoil(RECORD, time="yesterday")
    assert [one.is_counted for one in check(spoilt, RECORD)] == [False, True]


def test_no_value_of_the_input_is_shown() -> None:
    """Files may hold personal data by mistake, and terminals are logged."""
    lines = [fault for fault, _, _ in FAULTS] + [RECORD, spoil(RECORD, id=OTHER_ID), spoil(LOGIN, id=OTHER_ID)]
    shown = "\n".join(explain(one) for one in check(*lines))
    values = [
        "SECRET-DESK",
        RECORD["subject"],
        RECORD["id"],
        OTHER_ID,
        "unheard",
        "elsewhere",
        "099",
        "08:15",
        "'type'",
    ]
    assert [value for value in values if value in shown] == []
