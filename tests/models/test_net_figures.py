"""Net figures: gross less what was undone, in whatever order, and nothing where a count is not known."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import (
    ACCOUNTS,
    ACTIVATIONS_RETRACTED,
    EXPIRIES,
    IDENTITY_RECORDS,
    LOCKS,
    RECORDS_RETRACTED,
    UNLOCKS,
)
from models.net_figures import ACCOUNTS_ACTIVE, ACCOUNTS_NET, NETS, RECORDS_NET, Net
from models.tally import Opening, Total

ACTIVE = ("state_before", "active")


def counted(number: int, **by: dict[str, int]) -> Total:
    """Return a total of so many facts, with parts by dimension."""
    return Total({"all": {"": number}, **by}, {}, None)


ACCOUNT_STATES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([None, "expire", "retract"])), max_size=30
)  # locks that were set and ended, whether one is in force at the end, and how the account ends


@given(ACCOUNT_STATES, st.lists(st.booleans(), min_size=30, max_size=30))
def test_active_accounts_are_those_that_can_be_used(accounts: list[tuple[int, str | None]], locked: list[bool]) -> None:
    """Counted from the histories of accounts one by one, and from marginals: the same."""
    usable = sum(1 for (_, end), is_locked in zip(accounts, locked, strict=False) if not is_locked and end is None)
    in_force = sum(locked[: len(accounts)])
    ended = sum(locks for locks, _ in accounts)

    def ends(how: str) -> Total:
        states = [
            "locked" if held else "active" for (_, end), held in zip(accounts, locked, strict=False) if end == how
        ]
        return counted(len(states), state_before={state: states.count(state) for state in set(states)})

    totals = {
        ACCOUNTS.name: counted(len(accounts)),
        LOCKS.name: counted(ended + in_force),
        UNLOCKS.name: counted(ended),
        EXPIRIES.name: ends("expire"),
        ACTIVATIONS_RETRACTED.name: ends("retract"),
    }
    assert ACCOUNTS_ACTIVE.compute(totals) == usable
    reversed_ = sum(1 for _, end in accounts if end == "retract")
    assert ACCOUNTS_NET.compute(totals) == len(accounts) - reversed_


@pytest.mark.parametrize("net", NETS, ids=lambda net: net.name)
def test_a_figure_is_absent_while_one_of_its_counts_is(net: Net) -> None:
    """Half of a sum is a wrong number."""
    totals = {term.kind.name: counted(5) for term in net.terms}
    assert net.compute(totals) is not None
    for missing in totals:
        assert net.compute({name: total for name, total in totals.items() if name != missing}) is None


def test_a_retraction_may_come_before_its_fact() -> None:
    """The figure is below zero for so long, and right afterwards."""
    early = {IDENTITY_RECORDS.name: counted(0), RECORDS_RETRACTED.name: counted(1)}
    assert RECORDS_NET.compute(early) == -1
    assert RECORDS_NET.compute(early | {IDENTITY_RECORDS.name: counted(1)}) == 0


def test_an_opening_balance_is_in_the_net_figure() -> None:
    """What was retracted later was often counted before the stream began."""
    opening = Opening(as_of=date(2024, 6, 9), facts={"all": {"": 100}})
    totals = {
        IDENTITY_RECORDS.name: counted(7)._replace(opening=opening, covered={"all": {"": 2}}),
        RECORDS_RETRACTED.name: counted(3),
    }
    assert RECORDS_NET.compute(totals) == 100 + 7 - 2 - 3


def test_a_count_that_an_opening_balance_does_not_divide_is_not_known() -> None:
    """How many of the expired ones had been active before the stream nobody said."""
    opening = Opening(as_of=date(2024, 6, 9), facts={"all": {"": 100}})
    totals = {term.kind.name: counted(5) for term in ACCOUNTS_ACTIVE.terms}
    totals[EXPIRIES.name] = totals[EXPIRIES.name]._replace(opening=opening)
    assert ACCOUNTS_ACTIVE.compute(totals) is None
    assert ACCOUNTS_NET.compute(totals) is not None
