"""A recount is right while the system moves: what lags is waited for, what stays wrong is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from ledger.unavailable import UnavailableError
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, Kind
from models.tally import ALL
from onboarding.cli.recount import describe_recount, paint_recount
from operations.recount.counting import Book, KindBook
from operations.recount.drift import Counts, Drift
from operations.recount.recount import LAG_SECONDS_MAX, Looks, Recounted, compare
from operations.scrape import Scrape
from tests.operations.pages import COUNTS, RECORDS, new_book, show

AHEAD: Mapping[str, Counts] = {name: {cell: facts + 2 for cell, facts in COUNTS[name].items()} for name in COUNTS}
BETWEEN: Mapping[str, Counts] = {name: {cell: facts + 1 for cell, facts in COUNTS[name].items()} for name in COUNTS}
NOTHING: Mapping[str, Counts] = {}

REBUILD = "onboarding rebuild --why ...  (once you know that the ledger is right)"


@dataclass
class System:
    """A system that shows one page after another, the last one for ever, and whose ledger may move on once."""

    pages: list[Scrape]
    later: Book | None = None
    seconds: float = 0.0
    first: Book = field(default_factory=lambda: new_book(COUNTS, 1))
    counts: int = 0

    async def read(self) -> Book:
        """Count the ledger."""
        self.counts += 1
        return self.first

    async def reread(self, known: Book) -> Book:
        """Count it again if it moved."""
        return self.later or known

    async def scrape(self) -> Scrape:
        """Show the next page."""
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]

    async def pause(self) -> None:
        """Let a second go by."""
        self.seconds += 1

    async def recount(self) -> Recounted:
        """Compare this system with itself."""
        return await compare(Looks(self.read, self.reread, self.scrape, lambda: self.seconds, self.pause))


async def test_a_right_system_is_clean() -> None:
    """When nothing moves, the totals are equal to the ledger."""
    system = System([show(COUNTS)])
    found = await system.recount()
    assert (found.drift_cells, found.exit_code, found.moved, system.seconds) == (0, 0, 0, 0)


async def test_totals_that_lag_are_waited_for() -> None:
    """A page announced a moment later is no drift."""
    behind = {**COUNTS, ACCOUNTS.name: {ALL: 3}}
    system = System([show(behind), show(NOTHING), show(behind), show(COUNTS)])
    found = await system.recount()
    assert (found.exit_code, system.seconds) == (0, 2)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_total_that_stays_away_is_a_drift(kind: Kind) -> None:
    """Waiting has an end, and a total that is not shown is never clean."""
    shown = {name: counts for name, counts in COUNTS.items() if name != kind.name}
    system = System([show(shown)])
    found = await system.recount()
    assert (found.drift_cells, found.exit_code, system.seconds) == (1, 1, LAG_SECONDS_MAX)


async def test_a_shown_total_that_stays_wrong_is_a_drift() -> None:
    """One fact too many among them all is found."""
    found = await System([show({**COUNTS, IDENTITY_RECORDS.name: {**RECORDS, ALL: 13}})]).recount()
    assert [drift.cell for drift in found.drifts_of(IDENTITY_RECORDS.name)] == [""]
    assert found.drifts_of(ACCOUNTS.name) == []


async def test_a_moving_system_is_clean_between_two_counts() -> None:
    """Records that arrive while the page is read are no drift, and the answer says how many they were."""
    found = await System([show(BETWEEN)], later=new_book(AHEAD, 2)).recount()
    assert (found.exit_code, found.moved) == (0, 6)
    assert "6 facts were recorded meanwhile" in list(describe_recount(found))[-1]


async def test_a_moving_system_that_shows_too_much_is_not() -> None:
    """What is above even the later count was never recorded."""
    above: Mapping[str, Counts] = {name: {cell: facts + 3 for cell, facts in COUNTS[name].items()} for name in COUNTS}
    found = await System([show(above)], later=new_book(AHEAD, 2)).recount()
    assert found.drift_cells == sum(len(counts) for counts in COUNTS.values())


async def test_drifts_inside_postgres_are_told_with_right_totals() -> None:
    """A tally that was changed by hand shows in no total yet."""
    system = System([show(COUNTS)], first=with_drifts(1))
    found = await system.recount()
    assert (found.exit_code, system.seconds) == (1, 0)
    assert list(describe_recount(found)) == [
        "identity_records_received: 12 facts in the ledger, cells that differ: 1",
        "accounts_activated: 4 facts in the ledger, tallies, counters and shown totals agree",
        "portal_logins: 9 facts in the ledger, tallies, counters and shown totals agree",
        *(f"{kind.name}: 0 facts in the ledger, tallies, counters and shown totals agree" for kind in KINDS[3:]),
        "drift: identity_records_received tally t/0 province=01: ledger 5, tally 6",
        f"type next: {REBUILD}",
    ]


async def test_a_flood_of_drifts_is_cut() -> None:
    """An emptied table differs in every cell, and nobody reads a million lines."""
    lines = list(describe_recount(await System([show(COUNTS)], first=with_drifts(150)).recount()))
    assert (len(lines), lines[-2:]) == (len(KINDS) + 100 + 2, ["and 50 more", f"type next: {REBUILD}"])


def test_what_differs_is_red() -> None:
    """Nobody overlooks it among what agrees."""
    lines = {"drift: x": "red", "logins: 2 facts in the ledger, cells that differ: 1": "red", "logins: all agree": ""}
    assert {line: str(paint_recount(line).style) for line in lines} == lines


async def test_hidden_totals_come_with_a_hint() -> None:
    """The likeliest cause is that a standby was asked."""
    lines = list(describe_recount(await System([show(NOTHING)]).recount()))
    assert "ONBOARDING_TOTALS_URL" in lines[-1]


async def test_an_absent_page_is_told_before_the_count() -> None:
    """To count a great ledger takes minutes; nobody should wait for them in vain."""
    system = System([])
    with pytest.raises(UnavailableError):
        await compare(Looks(system.read, system.reread, refuse, lambda: 0, system.pause))
    assert system.counts == 0


async def refuse() -> Scrape:
    """Be away."""
    raise UnavailableError("away")


def with_drifts(number: int) -> Book:
    """Return the book with drifts of the first kind."""
    drift = Drift(IDENTITY_RECORDS.name, "tally t/0", "province=01", 5, 6)
    book = new_book(COUNTS, 1)
    return replace(book, kinds={**book.kinds, IDENTITY_RECORDS.name: KindBook(RECORDS, (drift,) * number)})
