"""The dashboards on disk are what the code generates, ask for metrics that exist, and take in new kinds."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
import yaml

from models.catalogue import ACCOUNTS, KINDS, LOGINS, Kind
from models.events import SOURCES
from models.net_figures import NETS
from models.places import PLACES
from onboarding.documents import dashboards, recordings, registries
from onboarding.documents.boards.words import Language, definition_of, values_of
from tests.monitoring.boards import ROOT, Dashboards, build, panels_of, questions_of, read_boards, recorded
from tests.monitoring.promql import metrics_in
from tests.monitoring.registries import names

BOARDS: Final = read_boards()
# Of Prometheus itself, about every process that it scrapes, and what its rules compute.
OF_PROMETHEUS: Final = {"up", *recorded()}

NEW_KIND: Final = replace(
    ACCOUNTS,
    name="cards_issued",
    topic="onboarding.cards.v1",
    title_vi="Thẻ đã cấp",
    definition="Cards issued.",
    definition_vi="Số thẻ đã cấp.",
    dimensions=("office",),
)


def expressions(boards: Dashboards) -> list[str]:
    """Return what dashboards ask Prometheus."""
    return [asked.text for asked in questions_of(boards) if asked.of_prometheus]


def metrics(boards: Dashboards) -> set[str]:
    """Return the metrics that dashboards ask for."""
    return {metric for expression in expressions(boards) for metric in metrics_in(expression)}


def unknown(boards: Dashboards) -> set[str]:
    """Return the metrics asked for that no process shows."""
    every = (registries.consumer_registry(), registries.audit_registry(), registries.totals_registry())
    return metrics(boards) - OF_PROMETHEUS - {name for registry in every for name in names(registry)}


def added_up(boards: Dashboards) -> list[str]:
    """Return the expressions that add up what each stream worker shows; a sum of maxima adds up provinces."""
    totals = names(registries.totals_registry()) - names(registries.consumer_registry())
    summed = re.compile(r"\bsum\b(?: by \([^)]*\))? ?\((?!max )")
    return [text for text in expressions(boards) if metrics_in(text) & totals and summed.search(text)]


def test_every_metric_asked_for_exists() -> None:
    """A panel on a metric that nobody shows stays empty for ever."""
    assert unknown(BOARDS) == set()


def test_a_metric_that_does_not_exist_is_found() -> None:
    """The check above fires."""
    planted = build()
    next(iter(questions_of(planted))).target["expr"] = "max(onboarding_accounts_activted_total)"  # type: ignore[index]
    assert unknown(planted) == {"onboarding_accounts_activted_total"}


def test_totals_are_never_added_up_over_workers() -> None:
    """While one worker takes over from another two may be remembered; a sum would count everyone twice."""
    assert added_up(BOARDS) == []


def test_a_total_that_is_added_up_is_found() -> None:
    """The check above fires."""
    planted = build()
    next(iter(questions_of(planted))).target["expr"] = f"sum({LOGINS.metric})"  # type: ignore[index]
    assert added_up(planted) == [f"sum({LOGINS.metric})"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_shows_its_total_today_its_age_and_its_parts(kind: Kind) -> None:
    """A number without its moment says nothing."""
    stem = f"onboarding_{kind.name}"
    parts = map(kind.metric_by, kind.dimensions)
    assert {kind.metric, f"{stem}_today", f"{stem}_newest_timestamp_seconds", *parts} <= metrics(BOARDS)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("counted", [*KINDS, *NETS], ids=lambda counted: counted.name)
def test_a_number_its_moment_and_its_definition_stand_side_by_side(counted: Any, language: Language) -> None:
    """An official who reads a number aloud must be able to say what it counts, and as of when."""
    panels = BOARDS[f"{language}/onboarding.json"]["panels"]
    place = next(
        place
        for place, panel in enumerate(panels)
        if panel.get("targets", [{}])[0].get("expr") == f"max({counted.metric})"
    )
    number, beside = panels[place : place + 2]
    assert beside["options"]["content"] == number["description"] == definition_of(counted).said_in(language)
    assert "newest_timestamp_seconds" in number["targets"][1]["expr"]
    assert beside["gridPos"]["y"] == number["gridPos"]["y"]
    assert beside["gridPos"]["x"] == number["gridPos"]["x"] + number["gridPos"]["w"]


def test_a_new_kind_shows_itself() -> None:
    """A row in the catalogue is all that a new kind of event needs: no dashboard code."""
    grown = build([*KINDS, NEW_KIND])
    assert {NEW_KIND.metric, "onboarding_cards_issued_today", NEW_KIND.metric_by("office")} <= metrics(grown)
    told = {
        panel["options"].get("content")
        for panel in grown[f"{dashboards.FOLDER}/vi/onboarding.json"]["panels"]
        if panel["type"] == "text"
    }
    assert "Số thẻ đã cấp." in told
    of_days = [asked.text for asked in questions_of(grown) if not asked.of_prometheus]
    assert any(NEW_KIND.topic in statement for statement in of_days)
    rules = yaml.safe_load(recordings.rules_of([NEW_KIND]))["groups"][0]["rules"]
    assert {rule["labels"]["kind"] for rule in rules} == {"cards_issued"}


def test_every_panel_asks_a_provisioned_source() -> None:
    """A panel on a source of another name shows an error only once it is in Grafana."""
    files = sorted((ROOT / "monitoring/grafana/provisioning/datasources").glob("*.yml"))
    provisioned = [source for file in files for source in yaml.safe_load(file.read_text())["datasources"]]
    known = {(source["type"], source["uid"]) for source in provisioned}
    for asked in questions_of(BOARDS):
        for named in (asked.panel["datasource"], asked.target["datasource"]):
            assert (named["type"], named["uid"]) in known


def test_both_languages_ask_the_same_in_words_of_their_own() -> None:
    """One source, two languages: a board that differs by more than its words would be two dashboards."""
    for board in ("onboarding", "pipeline", "upstream"):
        english, vietnamese = (panels_of(BOARDS[f"{language}/{board}.json"]) for language in Language)
        for one, other in zip(english, vietnamese, strict=True):
            assert [asked_in(target) for target in one["targets"]] == [asked_in(target) for target in other["targets"]]
            assert one["description"].isascii()
            assert not other["description"].isascii()
            assert other["title"] != one["title"]


def asked_in(target: Mapping[str, Any]) -> str:
    """Return the text of a query."""
    return str(target.get("expr") or target["rawSql"])


def test_every_board_leads_to_the_others_and_to_itself_in_the_other_language() -> None:
    """Who has the wrong one in front of him is one click away from the right one, with the time that he has chosen."""
    uids = {board["uid"] for board in BOARDS.values()}
    assert len(uids) == len(BOARDS) == 6
    for board in BOARDS.values():
        name, language = board["uid"].split("-")
        linked = {link["url"].removeprefix("/d/") for link in board["links"]}
        assert all(link["keepTime"] for link in board["links"])
        assert linked < uids - {board["uid"]}
        assert {uid for uid in uids if uid.endswith(f"-{language}")} - {board["uid"]} < linked
        assert [uid for uid in linked if uid.startswith(name)] != []


def test_one_upstream_is_chosen_from_the_register() -> None:
    """A source that is not among them could not look at its own."""
    for language in Language:
        (variable,) = BOARDS[f"{language}/upstream.json"]["templating"]["list"]
        assert variable["name"] == "source"
        assert set(variable["query"].split(",")) == SOURCES


def test_panels_and_queries_can_be_told_apart() -> None:
    """Grafana takes two panels of one id, or two queries of one letter, for the same."""
    for board in BOARDS.values():
        ids = [panel["id"] for panel in board["panels"]]
        assert len(set(ids)) == len(ids)
        for panel in panels_of(board):
            letters = [target["refId"] for target in panel["targets"]]
            assert len(set(letters)) == len(letters)


def test_provinces_are_shown_by_name() -> None:
    """Nobody knows all codes, and a merged province bears the name of one of its parts: the code tells them apart."""
    shown = [name.vietnamese for name in values_of("province").values()]
    assert shown == [f"{name} ({place})" for place, name in PLACES.items()]
    assert len(set(shown)) == len(shown)
    ranking = next(panel for panel in panels_of(BOARDS["vi/onboarding.json"]) if panel["title"].startswith("Xếp hạng"))
    mapped = [each["value"] for override in ranking["fieldConfig"]["overrides"] for each in override["properties"]]
    options = next(value for value in mapped if isinstance(value, list))[0]["options"]
    assert {place: word["text"] for place, word in options.items()} == dict(zip(PLACES, shown, strict=True))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_value_of_a_dimension_has_words(kind: Kind) -> None:
    """A code of ours in a chart for officials is a question that somebody has to answer."""
    fields = kind.event.model_fields["data"].annotation.model_json_schema()["properties"]  # type: ignore[union-attr]
    for dimension in kind.dimensions:
        register = fields[dimension].get(
            "enum", ["1", "2"] if dimension == "level" else [fields[dimension].get("const")]
        )
        assert set(register) <= values_of(dimension).keys() or dimension == "province"
