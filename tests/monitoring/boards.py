"""The dashboards as files: their panels, what each asks, and in what unit it shows the answer."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from models.catalogue import KINDS, Kind
from onboarding.documents import dashboards
from onboarding.documents.boards.words import Language
from onboarding.documents.dashboards import FOLDER

ROOT: Final = Path(__file__).parents[2]
PROMETHEUS: Final = "prometheus"


Dashboards = Mapping[str, dict[str, Any]]


class Asked(NamedTuple):
    """One query of one panel of one dashboard."""

    board: str
    panel: Mapping[str, Any]
    target: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.board}: {self.panel['title']} {self.target['refId']}"

    @property
    def of_prometheus(self) -> bool:
        """Whether Prometheus answers it."""
        return bool(self.target["datasource"]["type"] == PROMETHEUS)

    @property
    def text(self) -> str:
        """What is asked."""
        return str(self.target["expr"] if self.of_prometheus else self.target["rawSql"])

    @property
    def unit(self) -> str:
        """In what unit its answer is shown."""
        own = {
            f"Value #{self.target['refId']}": "byName",
            self.target["refId"]: "byFrameRefID",
        }
        for override in self.panel["fieldConfig"]["overrides"]:
            matcher = override["matcher"]
            if own.get(matcher["options"]) == matcher["id"]:
                for each in override["properties"]:
                    if each["id"] == "unit":
                        return str(each["value"])
        return str(self.panel["fieldConfig"]["defaults"]["unit"])

    @property
    def columns(self) -> set[str]:
        """The columns of an answer of the ledger that the panel names."""
        return {
            override["matcher"]["options"]
            for override in self.panel["fieldConfig"]["overrides"]
            if override["matcher"]["id"] == "byName"
        }


def build(kinds: Iterable[Kind] = KINDS) -> Dashboards:
    """Return the dashboards as Grafana reads them, by path."""
    every = dashboards.boards(list(kinds))
    return {
        board.path(language): json.loads(json.dumps(dashboards.build(board, every, language).build(), cls=JSONEncoder))
        for board in every
        for language in Language
    }


def read_boards() -> dict[str, dict[str, Any]]:
    """Return every committed dashboard by its path in the repository."""
    paths = sorted((ROOT / FOLDER).rglob("*.json"))
    return {path.relative_to(ROOT / FOLDER).as_posix(): json.loads(path.read_text("utf-8")) for path in paths}


def panels_of(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the panels that ask something: rows are headings, and a text only tells."""
    return [panel for panel in dashboard["panels"] if panel["type"] not in {"row", "text"}]


def questions_of(boards: Mapping[str, Mapping[str, Any]]) -> Iterator[Asked]:
    """Yield every query of every panel."""
    for name, board in boards.items():
        for panel in panels_of(board):
            for target in panel["targets"]:
                yield Asked(name, panel, target)


def recorded() -> set[str]:
    """Return the names that Prometheus gives to what its rules compute."""
    files = (ROOT / "monitoring/prometheus").glob("*.rules.yml")
    groups = [group for file in files for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    return {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}
