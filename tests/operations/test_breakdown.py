"""Totals by a dimension and of a day are the same figures for a person, for JSON and for CSV."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

from rich.console import Console
from rich.table import Table

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS
from operations.totals import breakdown, day_figures
from operations.totals.breakdown import Breakdown
from operations.totals.shown import HEADER, KindTotals, Totals, list_totals
from operations.why import Restatement, Story

DAY = date(2026, 5, 2)
CLOSED_AT = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
COUNTS = {IDENTITY_RECORDS.name: {"79": 5, "01": 1_200}, ACCOUNTS.name: None}
PROVINCES = Breakdown("province", None, COUNTS, {IDENTITY_RECORDS.name: 1_205})
FINAL = Story(IDENTITY_RECORDS, DAY, 12, 10, CLOSED_AT, [Restatement(DAY, "late", 2, CLOSED_AT)])
OPEN = Story(ACCOUNTS, DAY, 7, None, None, [])


def test_a_province_has_its_name() -> None:
    """Nobody knows 63 codes by heart."""
    lines = draw(breakdown.render_breakdown(PROVINCES))
    assert cells(lines, "01") == ["01 Hà Nội", "1,200", "not shown"]
    assert cells(lines, "all") == ["all", "1,205", "not shown"]
    assert breakdown.name_value("province", "24-2025") == "Bắc Ninh"
    assert breakdown.name_value("level", "1") is None


def test_a_breakdown_is_the_same_in_json_and_csv() -> None:
    """What is not shown is null in one, and has no row in the other."""
    assert breakdown.describe_breakdown(PROVINCES) == {
        "day": None,
        "by": "province",
        "totals": {
            IDENTITY_RECORDS.name: {
                "01": {"name": "Hà Nội", "facts": 1_200},
                "79": {"name": "Thành phố Hồ Chí Minh", "facts": 5},
            },
            ACCOUNTS.name: None,
        },
    }
    assert list(breakdown.list_breakdown(PROVINCES)) == [
        (IDENTITY_RECORDS.name, "", "province", "01", "Hà Nội", 1_200, ""),
        (IDENTITY_RECORDS.name, "", "province", "79", "Thành phố Hồ Chí Minh", 5, ""),
    ]
    assert breakdown.HEADER == ("kind", "day", "dimension", "value", "name", "facts", "state")


def test_a_breakdown_of_a_day_says_whether_it_may_still_change() -> None:
    """Whoever copies a number must know that it is provisional."""
    day = Breakdown("level", DAY, {ACCOUNTS.name: {"1": 3}}, {ACCOUNTS.name: 3})
    assert next(breakdown.list_breakdown(day))[-1] == "provisional"
    assert cells(draw(breakdown.render_breakdown(replace(day, final={ACCOUNTS.name}))), "state") == ["state", "final"]
    assert breakdown.describe_breakdown(day)["states"] == {ACCOUNTS.name: "provisional"}


def test_values_that_do_not_add_up_to_the_total_are_told() -> None:
    """Two numbers of one thing must not both go to print."""
    (told,) = replace(PROVINCES, wholes={IDENTITY_RECORDS.name: 1_206}).contradictions
    assert told.startswith("identity records received: its values add up to 1,205, its total is 1,206")
    assert list(PROVINCES.contradictions) == []
    assert Breakdown("level", DAY, {ACCOUNTS.name: {"1": 3}}, {ACCOUNTS.name: 4}).exit_code == 1


def test_a_kind_without_any_fact_takes_no_room() -> None:
    """The names of upstream systems need it."""
    found = Breakdown("level", DAY, {ACCOUNTS.name: {"1": 3}, IDENTITY_RECORDS.name: {}}, {ACCOUNTS.name: 3})
    assert "identity" not in "\n".join(draw(breakdown.render_breakdown(found)))


def test_a_breakdown_without_a_total_is_not_whole() -> None:
    """A script must not add up half of it."""
    assert PROVINCES.exit_code == 1
    assert Breakdown("level", DAY, {ACCOUNTS.name: {}}, {}).exit_code == 0


def test_every_dimension_of_the_catalogue_can_be_asked_for() -> None:
    """A new one follows by itself."""
    assert breakdown.DIMENSIONS[:5] == ("source", "province", "channel", "level", "portal")


def test_a_day_says_whether_it_may_still_change() -> None:
    """Closed with what, and restated by how much."""
    lines = draw(day_figures.render_day([FINAL, OPEN]))
    assert cells(lines, "identity") == ["identity records received", "12", "final", "2026-05-06", "10", "+2"]
    assert cells(lines, "accounts") == ["accounts activated", "7", "provisional", "-", "-", "-"]


def test_a_day_is_the_same_in_json_and_csv() -> None:
    """Scripts rest on names and forms."""
    document = day_figures.describe_day([FINAL, OPEN])
    at = "2026-05-06T02:00:00+00:00"
    told = {"facts": 12, "state": "final", "closed_at": at, "closed_with": 10, "restated": 2, "differs": False}
    assert (document["day"], document["totals"][IDENTITY_RECORDS.name]) == ("2026-05-02", told)
    assert document["totals"][ACCOUNTS.name]["closed_with"] is None
    assert list(day_figures.list_day([FINAL, OPEN])) == [
        (IDENTITY_RECORDS.name, DAY, 12, "final", at, 10, 2, False),
        (ACCOUNTS.name, DAY, 7, "provisional", "", "", 0, False),
    ]
    assert day_figures.HEADER == ("kind", "day", "facts", "state", "closed_at", "closed_with", "restated", "differs")


def test_the_rows_of_all_time_have_the_names_of_the_document() -> None:
    """An unknown figure is empty, never a 0."""
    figures = KindTotals(total=None, today=3, days=2, first_day=DAY, last_day=None)
    (row,) = list_totals(Totals({ACCOUNTS.name: figures}, None))
    told = dict(zip(HEADER, row, strict=True))
    assert (told["kind"], told["total"], told["today"]) == (ACCOUNTS.name, "", 3)
    assert (told["first_day"], told["average_a_day"]) == ("2026-05-02", "")


def cells(lines: list[str], first: str) -> list[str]:
    """Return the cells of the row that begins with a word."""
    (line,) = [line for line in lines if line.startswith(f"│ {first}")]
    return [cell.strip() for cell in line.strip("│").split("│")]


def draw(table: Table) -> list[str]:
    """Return the lines of a table as it is printed."""
    written = StringIO()
    Console(file=written, width=140).print(table)
    return written.getvalue().splitlines()
