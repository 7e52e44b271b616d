"""Panels are shown in the right unit, and lie beside each other for any number of kinds."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any, Final

import pytest

from models.catalogue import KINDS
from tests.monitoring.boards import Dashboards, build, questions_of, read_boards
from tests.monitoring.promql import metrics_in

COLUMNS: Final = 24  # of Grafana's grid


def overlaps(dashboard: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of panels that lie on each other."""

    def cells(panel: Mapping[str, Any]) -> set[tuple[int, int]]:
        x, y, w, h = (panel["gridPos"][side] for side in "xywh")
        return {(column, line) for column in range(x, x + w) for line in range(y, y + h)}

    pairs = combinations([(panel["id"], cells(panel)) for panel in dashboard["panels"]], 2)
    return [(one, other) for (one, its), (other, theirs) in pairs if its & theirs]


def expected_unit(expression: str) -> str:
    """Return in what unit an answer is shown: as the names of its metrics end, or by what is done to them."""
    if expression.startswith("1000 * ") and ("_timestamp_seconds" in expression or "time()" in expression):
        return "dateTimeAsLocal"
    asked = metrics_in(expression)
    shares = any(name.endswith(("_ratio", ":ratio")) for name in asked)
    if "inhabitants" not in expression and (" / " in expression or shares):
        return "percentunit"
    if "rate(" in expression and "histogram_quantile" not in expression:
        return "cps"
    suffixes = {"_seconds": "s", "_seconds_bucket": "s", "_bytes": "bytes"}
    counted = "count(" in expression or "changes(" in expression
    units = {unit for suffix, unit in suffixes.items() for name in asked if name.endswith(suffix) and not counted}
    return units.pop() if units else "locale"


def wrong_units(boards: Dashboards) -> list[str]:
    """Return the queries whose unit is not that of what they ask."""
    asked = [each for each in questions_of(boards) if each.of_prometheus]
    return [f"{each}: {each.unit}" for each in asked if each.unit != expected_unit(each.text)]


def test_every_unit_is_that_of_the_metric() -> None:
    """Seconds that are shown as a number of records mislead everyone."""
    assert wrong_units(read_boards()) == []


def test_a_wrong_unit_is_found() -> None:
    """The check above fires."""
    planted = build()
    asked = next(each for each in questions_of(planted) if "onboarding_commit_seconds_bucket" in each.text)
    asked.panel["fieldConfig"]["defaults"]["unit"] = "bytes"
    assert {fault.split()[-1] for fault in wrong_units(planted)} == {"bytes"}


@pytest.mark.parametrize("number", range(1, 11))
def test_panels_fill_the_grid_and_never_overlap(number: int) -> None:
    """Seven more kinds are coming: the layout must hold for any number."""
    grown = build(replace(kind, name=f"kind_{place}") for place, kind in zip(range(number), KINDS * 4, strict=False))
    for dashboard in grown.values():
        assert overlaps(dashboard) == []
        assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= COLUMNS for panel in dashboard["panels"])


def test_panels_that_overlap_are_found() -> None:
    """The check above fires."""
    planted = next(iter(build().values()))
    planted["panels"][2]["gridPos"] = planted["panels"][1]["gridPos"]
    assert overlaps(planted) == [(planted["panels"][1]["id"], planted["panels"][2]["id"])]
