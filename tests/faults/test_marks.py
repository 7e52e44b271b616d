"""A total that is wrong and not marked is found, for as long as it was shown; one that is late by less is not."""

import pytest

from tests.faults.contract import KINDS
from tests.faults.marks import MARK, Marks

KIND = KINDS[0]
WORKER = 1


def shown(total: float, *, current: int = 1) -> dict[str, float]:
    """Return the samples of a page."""
    return {KIND.metric: total, f'{MARK}{{kind="{KIND.name}"}}': float(current)}


def marks(*ledger: int) -> Marks:
    """Return marks with a ledger that had so many facts, asked once a second from 0 on."""
    made = Marks()
    for second, facts in enumerate(ledger):
        made.note_ledger(float(second), {KIND.name: facts})
    return made


@pytest.mark.parametrize("total", [5, 7, 20])
def test_what_the_ledger_had_in_the_last_ten_seconds_is_right(total: float) -> None:
    """The last look before them counts as well: it was so until the next one."""
    found = marks(*range(40))
    found.note(WORKER, 15.4, 15.5, shown(min(total, 16)))
    assert found.find_wrong() == []


@pytest.mark.parametrize("total", [4, 17])
def test_what_it_had_before_or_has_not_is_wrong(total: float) -> None:
    """Eleven seconds old, or ahead of the ledger."""
    found = marks(*range(40))
    found.note(WORKER, 15.3, 15.4, shown(5))
    found.note(WORKER, 15.4, 15.5, shown(total))
    (wrong,) = found.find_wrong()
    assert (wrong.kind, wrong.shown, wrong.least, wrong.most) == (KIND.name, total, 5, 16)
    assert wrong.seconds == pytest.approx(0.1)
    assert str(wrong).startswith(f"{KIND.name} was shown as {total} without a mark, and the ledger had 5 to 16")


def test_what_is_marked_may_be_any() -> None:
    """It says itself that it may not be the ledger's any more."""
    found = marks(*range(40))
    found.note(WORKER, 15.4, 15.5, shown(1, current=0))
    assert found.find_wrong() == []


def test_what_a_ledger_was_before_it_was_rolled_back_is_right_for_ten_seconds() -> None:
    """And wrong after them."""
    found = marks(*range(20), *[3] * 20)
    found.note(WORKER, 25.0, 25.1, shown(19))
    assert found.find_wrong() == []
    found.note(WORKER, 31.0, 31.1, shown(19))
    assert [wrong.seconds for wrong in found.find_wrong()] == [0.4]


def test_what_was_shown_while_nobody_asked_the_ledger_is_not_judged() -> None:
    """Before the first look, and after the last."""
    found = marks(5, 5)
    found.note(WORKER, 0.4, 0.5, shown(1))
    found.note(WORKER, 20.4, 20.5, shown(1))
    assert found.find_wrong() == []
