"""The totals are told the same way to a person and to a script, and what is not known is not made up."""

import json
from dataclasses import replace
from datetime import date

from rich.console import Console
from rich.table import Table

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from models.net_figures import RECORDS_NET
from operations.totals.shown import KindTotals, Totals, describe_totals, render_totals, render_verdicts

FIRST, LAST = date(2024, 1, 1), date(2024, 6, 9)
SHOWN = Totals(
    {
        IDENTITY_RECORDS.name: KindTotals(total=75_160, today=3, days=900, first_day=FIRST, last_day=LAST),
        ACCOUNTS.name: KindTotals(total=53_880, today=0, days=700, first_day=FIRST, last_day=LAST),
        LOGINS.name: KindTotals(total=24_150, today=150, days=161, first_day=FIRST, last_day=LAST),
    },
    71.687,
    {RECORDS_NET: 75_000},
)
HIDDEN = Totals(
    {LOGINS.name: KindTotals(total=None, today=None, days=0, first_day=None, last_day=None)},
    None,
)


def test_the_table_shows_totals_days_and_averages() -> None:
    """The published sentence must be readable from it: 150 a day over 161 days, 71.7 % activated."""
    text = draw(render_totals(SHOWN))
    for figure in ("identity records received", "75,160", "161", "150.0", "activation rate: 71.7 %"):
        assert figure in text


def test_net_figures_and_opening_balances_stand_under_the_table() -> None:
    """Each with what it means; one that is not shown says so."""
    records = SHOWN.kinds[IDENTITY_RECORDS.name]
    opened = replace(records, opening=1_000, with_opening=76_160)
    text = draw(render_totals(replace(SHOWN, kinds={IDENTITY_RECORDS.name: opened})))
    assert "identity records received: 1,000 before this stream, 76,160 in the sum" in text
    assert f"identity records net: 75,000. {RECORDS_NET.definition}" in text
    assert "accounts active: not shown." in text


def test_the_table_says_what_is_not_shown() -> None:
    """A total that is not complete is never a 0."""
    text = draw(render_totals(HIDDEN))
    assert "not shown" in text
    assert "activation rate: not shown" in text


def test_the_document_is_stable() -> None:
    """Scripts rest on its names and forms."""
    document = json.loads(json.dumps(describe_totals(SHOWN)))
    assert document["activation_percent"] == 71.69
    assert list(document["totals"]) == ["identity_records_received", "accounts_activated", "portal_logins"]
    assert document["totals"]["portal_logins"] == {
        "total": 24_150,
        "today": 150,
        "days": 161,
        "first_day": "2024-01-01",
        "last_day": "2024-06-09",
        "average_a_day": 150.0,
        "opening_balance": None,
        "with_opening_balance": None,
        "differs": False,
    }
    assert document["net"] == {"identity_records_net": 75_000, "accounts_activated_net": None, "accounts_active": None}


def test_the_document_has_null_for_what_is_not_known() -> None:
    """A script must see that there is no number."""
    document = describe_totals(HIDDEN)
    assert set(document["totals"]["portal_logins"].values()) == {None, 0}
    assert document["activation_percent"] is None


def test_the_exit_code_says_whether_every_total_is_shown() -> None:
    """A script that only looks at the code must not go on with half of the totals."""
    assert (SHOWN.exit_code, HIDDEN.exit_code) == (0, 1)


def test_the_table_of_a_run_sets_ours_beside_the_published() -> None:
    """`make run` ends with it."""
    text = draw(render_verdicts(SHOWN, {LOGINS.name: 24_150}, {LOGINS.name: "exact"}))
    line = next(line for line in text.splitlines() if "portal logins" in line)
    assert [part.strip() for part in line.strip("│").split("│")] == ["portal logins", "24,150", "24,150", "exact"]
    assert "not counted" in text


def draw(table: Table) -> str:
    """Return a table as it is printed."""
    console = Console(width=140)
    with console.capture() as captured:
        console.print(table)
    return captured.get()
