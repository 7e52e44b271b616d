"""What a recount found is kept, and told of the numbers that it was about."""

import json
from datetime import date
from typing import Any

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from operations.recount.drift import TALLIES, Drift
from operations.recount.kept import KeptRecount, keep_recount, read_newest
from operations.totals.shown import KindTotals, Totals, render_totals
from tests.operations.systems import NOW, make_recount

DAY = date(2024, 6, 1)
TALLY = Drift(LOGINS.name, "tally t/0", "day 2024-06-01 all", 5, 6, day=DAY)
CLOSED = Drift(LOGINS.name, "closed_day t", "day 2024-06-01", 6, 5, TALLIES, DAY)
COUNTER = Drift(ACCOUNTS.name, "progress t/0", "retries", 1, None)


class Ledger:
    """Stands in for a connection to Postgres that keeps one recount."""

    def __init__(self) -> None:
        self.row: dict[str, Any] | None = None

    async def execute(self, _statement: str, by: str, _facts: int, cells: int, drifts: str) -> None:
        """Keep one."""
        self.row = {"recounted_at": NOW, "recounted_by": by, "cells": cells, "drifts": drifts}

    async def fetchrow(self, _statement: str) -> dict[str, Any] | None:
        """Return it."""
        return self.row


class Found:
    """Stands in for what a recount returns."""

    class last:  # noqa: N801 - an attribute of it
        """The book."""

        facts = 12

    def __init__(self, *drifts: Drift) -> None:
        self.drifts, self.drift_cells = drifts, len(drifts)


async def test_what_was_kept_is_read_again() -> None:
    """Every field of every drift; and that nothing was kept yet."""
    ledger = Ledger()
    assert await read_newest(ledger) is None
    await keep_recount(ledger, Found(TALLY, CLOSED, COUNTER), "An")  # type: ignore[arg-type]
    assert await read_newest(ledger) == KeptRecount(NOW, "An", 3, (TALLY, CLOSED, COUNTER))


async def test_of_a_flood_of_drifts_the_first_are_kept_and_all_are_counted() -> None:
    """An emptied table would fill the ledger with what is wrong with it."""
    ledger = Ledger()
    await keep_recount(ledger, Found(*[TALLY] * 2_000), "An")  # type: ignore[arg-type]
    assert ledger.row
    assert (ledger.row["cells"], len(json.loads(ledger.row["drifts"]))) == (2_000, 1_000)


def test_a_number_is_told_to_differ_where_it_does() -> None:
    """Of its own kind and day; all of a kind where no day is asked for."""
    kept = make_recount(3, TALLY, CLOSED, COUNTER)
    assert [*kept.tell(LOGINS.name, DAY)] == [
        f"known to differ since the recount of 2024-06-09 18:56 (Vietnam), An: {drift.describe()}"
        for drift in (TALLY, CLOSED)
    ]
    assert [*kept.tell(LOGINS.name, date(2024, 6, 2))] == [*kept.tell(IDENTITY_RECORDS.name)] == []
    assert [len([*kept.tell(name)]) for name in (LOGINS.name, ACCOUNTS.name)] == [2, 1]
    assert kept.count_by_kind() == {LOGINS.name: 2, ACCOUNTS.name: 1}


def test_a_total_that_differs_is_marked() -> None:
    """In the table, and as why the exit code is not 0."""
    figures = KindTotals(total=6, today=0, days=1, first_day=DAY, last_day=DAY, differs=("known to differ",))
    totals = Totals({LOGINS.name: figures}, None)
    (cell,) = render_totals(totals).columns[1].cells
    assert (str(cell), cell.style) == ("6 (differs)", "red")  # type: ignore[union-attr]
    assert (totals.exit_code, [*totals.explain()]) == (1, ["portal_logins known to differ"])
