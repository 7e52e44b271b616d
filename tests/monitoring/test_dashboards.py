"""The dashboard on disk is what the code generates, asks for metrics that exist, and takes in new kinds by itself."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS, Kind
from models.places import PLACES
from onboarding.documents import dashboards, recordings
from tests.monitoring.promql import metrics_in
from tests.monitoring.registries import consumer_registry, example_totals, names, totals_registry

ROOT: Final = Path(__file__).parents[2]
COLUMNS: Final = 24  # of Grafana's grid

NEW_KIND: Final = replace(
    ACCOUNTS, name="cards_issued", definition="Cards issued.", definition_vi="Số thẻ đã cấp.", dimensions=("office",)
)


def board(kinds: Iterable[Kind] = KINDS) -> dict[str, Any]:
    """Return the dashboard as Grafana reads it."""
    document = json.dumps(dashboards.onboarding(list(kinds)).build(), cls=JSONEncoder)
    return dict(json.loads(document))


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the panels that show something: rows are headings."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions(dashboard: dict[str, Any]) -> list[str]:
    """Return what a dashboard asks."""
    return [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]


def unknown(dashboard: dict[str, Any]) -> set[str]:
    """Return the metrics a dashboard asks for that no process shows."""
    shown = names(consumer_registry()) | names(totals_registry(example_totals()))
    return {metric for expression in expressions(dashboard) for metric in metrics_in(expression)} - shown


def added_up(dashboard: dict[str, Any]) -> list[str]:
    """Return the expressions that add up what each stream worker shows."""
    totals = names(totals_registry(example_totals())) - names(consumer_registry())
    return [text for text in expressions(dashboard) if metrics_in(text) & totals and re.search(r"\bsum\b", text)]


def overlaps(dashboard: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of panels that lie on each other."""

    def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
        x, y, w, h = (panel["gridPos"][side] for side in "xywh")
        return {(column, line) for column in range(x, x + w) for line in range(y, y + h)}

    pairs = combinations(dashboard["panels"], 2)
    return [(one["title"], other["title"]) for one, other in pairs if cells(one) & cells(other)]


@pytest.mark.parametrize("path", dashboards.render() | recordings.render())
def test_what_is_committed_is_what_the_code_generates(path: str) -> None:
    """A stale file shows what the code no longer counts; `onboarding docs write` mends it."""
    generated = dashboards.render() | recordings.render()
    assert (ROOT / path).read_text(encoding="utf-8") == generated[path]


def test_every_metric_asked_for_exists() -> None:
    """A panel on a metric that nobody shows stays empty for ever."""
    assert unknown(board()) == set()


def test_a_metric_that_does_not_exist_is_found() -> None:
    """The check above fires."""
    planted = board()
    panels(planted)[0]["targets"][0]["expr"] = "max(onboarding_accounts_activted_total)"
    assert unknown(planted) == {"onboarding_accounts_activted_total"}


def test_totals_are_never_added_up_over_workers() -> None:
    """While one worker takes over from another two may be remembered; a sum would count everyone twice."""
    assert added_up(board()) == []


def test_a_total_that_is_added_up_is_found() -> None:
    """The check above fires."""
    planted = board()
    panels(planted)[0]["targets"][0]["expr"] = f"sum({LOGINS.metric})"
    assert added_up(planted) == [f"sum({LOGINS.metric})"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_shows_its_total_today_its_age_and_its_definition(kind: Kind) -> None:
    """The number and what it means stand together, in both languages."""
    asked = {metric for expression in expressions(board()) for metric in metrics_in(expression)}
    parts = map(kind.metric_by, kind.dimensions)
    stem = f"onboarding_{kind.name}"
    assert {kind.metric, f"{stem}_today", f"{stem}_newest_timestamp_seconds", *parts} <= asked
    assert f"{kind.definition}\n\n{kind.definition_vi}" in [panel["description"] for panel in panels(board())]


def test_a_new_kind_shows_itself() -> None:
    """A row in the catalogue is all that a new kind of event needs: no dashboard code."""
    grown = board([*KINDS, NEW_KIND])
    asked = {metric for expression in expressions(grown) for metric in metrics_in(expression)}
    assert {NEW_KIND.metric, "onboarding_cards_issued_today", NEW_KIND.metric_by("office")} <= asked
    assert "Cards issued.\n\nSố thẻ đã cấp." in [panel["description"] for panel in panels(grown)]
    rules = yaml.safe_load(recordings.rules_of([NEW_KIND]))["groups"][0]["rules"]
    assert {rule["labels"]["kind"] for rule in rules} == {"cards_issued"}


@pytest.mark.parametrize("number", range(1, 11))
def test_panels_fill_the_grid_and_never_overlap(number: int) -> None:
    """Seven more kinds are coming: the layout must hold for any number."""
    laid_out = board(replace(kind, name=f"kind_{place}") for place, kind in zip(range(number), KINDS * 4, strict=False))
    assert overlaps(laid_out) == []
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= COLUMNS for panel in laid_out["panels"])


def test_panels_that_overlap_are_found() -> None:
    """The check above fires."""
    planted = board()
    planted["panels"][2]["gridPos"] = planted["panels"][1]["gridPos"]
    assert overlaps(planted) == [(planted["panels"][1]["title"], planted["panels"][2]["title"])]


def test_every_panel_asks_the_provisioned_source_and_says_what_it_is_in_both_languages() -> None:
    """A panel on a source of another name shows an error only once it is in Grafana."""
    provisioned = yaml.safe_load((ROOT / "monitoring/grafana/provisioning/datasources/prometheus.yml").read_text())
    source = {"type": "prometheus", "uid": provisioned["datasources"][0]["uid"]}
    for panel in panels(board()):
        assert [panel["datasource"], *(target["datasource"] for target in panel["targets"])] == [source] * (
            1 + len(panel["targets"])
        )
        english, vietnamese = panel["description"].split("\n\n")
        assert english.isascii()
        assert not vietnamese.isascii()


def test_panels_and_queries_can_be_told_apart() -> None:
    """Grafana takes two panels of one id, or two queries of one letter, for the same."""
    ids = [panel["id"] for panel in board()["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in panels(board()):
        letters = [target["refId"] for target in panel["targets"]]
        assert len(set(letters)) == len(letters)


def test_provinces_are_shown_by_name() -> None:
    """Nobody knows all codes, and a merged province bears the name of one of its parts: the code tells them apart."""
    (by_province,) = [panel for panel in panels(board()) if panel["title"] == "By province"]
    overrides = {
        item["matcher"]["options"]: item["properties"][0]["value"] for item in by_province["fieldConfig"]["overrides"]
    }
    shown = {place: result["text"] for place, result in overrides["province"][0]["options"].items()}
    assert shown == {place: f"{name} ({place})" for place, name in PLACES.items()}
    assert len(set(shown.values())) == len(shown)
    assert list(overrides.values())[:2] == ["Identity records received", "Accounts activated"]
    assert IDENTITY_RECORDS.metric_by("province") in by_province["targets"][0]["expr"]
