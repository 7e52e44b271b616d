"""The Grafana dashboards as code: three boards, each in two languages; a new kind of event shows itself."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from grafana_foundation_sdk.builders.dashboard import CustomVariable, Dashboard, DashboardLink, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

from models.catalogue import KINDS, Kind
from onboarding.documents.boards import machinery, pipeline, upstream
from onboarding.documents.boards.days import days
from onboarding.documents.boards.drawing import draw
from onboarding.documents.boards.panel import Panel
from onboarding.documents.boards.totals import parts, totals
from onboarding.documents.boards.words import SOURCES, Language, Text

FOLDER: Final = "monitoring/grafana/dashboards"

# Grafana's grid has 24 columns, a line is 30 pixels. A number takes a quarter, its definition the quarter beside it.
_COLUMNS: Final = 24


@dataclass(frozen=True, slots=True)
class Section:
    """A row of a board: its heading, its panels, and how wide and high each is.

    explained_by -- columns of the definition beside each panel, 0 where it is only shown on request
    """

    title: Text
    panels: Sequence[Panel]
    width: int
    height: int
    explained_by: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """One dashboard, in every language."""

    name: str
    title: Text
    description: Text
    sections: Sequence[Section]
    since: str  # where Grafana's range of time begins
    refresh: str
    by_source: bool = False

    def uid(self, language: Language) -> str:
        """Return what Grafana knows it by."""
        return f"{self.name}-{language}"

    def path(self, language: Language) -> str:
        """Return where its file is in the repository."""
        return f"{FOLDER}/{language}/{self.name}.json"


def render() -> dict[str, str]:
    """Return the text of every dashboard by its path in the repository; the same on every run."""
    every = boards(KINDS)
    return {
        board.path(language): json.dumps(
            build(board, every, language).build(), cls=JSONEncoder, ensure_ascii=False, indent=2, sort_keys=True
        )
        + "\n"
        for board in every
        for language in Language
    }


def boards(kinds: Sequence[Kind]) -> list[Board]:
    """Return the three boards."""
    return [_onboarding(kinds), _pipeline(kinds), _upstream(kinds)]


def build(board: Board, every: Sequence[Board], language: Language) -> Dashboard:
    """Return a board in one language, with links to the others and to itself in the other languages."""
    drawn = Dashboard(board.title.said_in(language)).uid(board.uid(language)).tags(["onboarding", language]).readonly()
    drawn.description(board.description.said_in(language)).timezone("Asia/Ho_Chi_Minh")
    drawn.time(board.since, "now").refresh(board.refresh)
    for other in every:
        if other is not board:
            drawn.link(_link(other, language, other.title.said_in(language)))
    for other_language in Language:
        if other_language is not language:
            drawn.link(_link(board, other_language, _NAMES[other_language]))
    if board.by_source:
        label = Text("Source", "Hệ thống nguồn").said_in(language)
        drawn.with_variable(CustomVariable("source").label(label).values(",".join(SOURCES)))
    _lay_out(drawn, board.sections, language)
    return drawn


def _onboarding(kinds: Sequence[Kind]) -> Board:
    """Return the board for officials."""
    return Board(
        "onboarding",
        Text("Onboarding", "Định danh điện tử"),
        Text(
            "The move to digital identity (Project 06), every fact counted once.",
            "Tình hình định danh điện tử theo Đề án 06, mỗi sự kiện tính đúng một lần.",
        ),
        [
            Section(Text("Totals", "Tổng số"), totals(kinds), 6, 5, explained_by=6),
            Section(Text("By day", "Theo ngày"), days(kinds), 18, 7, explained_by=6),
            Section(
                Text("By province, portal and kind", "Theo địa phương, cổng dịch vụ và phân loại"),
                parts(kinds),
                18,
                11,
                6,
            ),
        ],
        since="now/y",  # 1 January
        refresh="1m",  # what is asked of Postgres reads every day's tallies
    )


def _pipeline(kinds: Sequence[Kind]) -> Board:
    """Return the board for operators."""
    return Board(
        "pipeline",
        Text("Pipeline", "Hệ thống xử lý"),
        Text("Is it right, is it fresh, is it well?", "Số liệu có đúng, có mới, hệ thống có ổn định không?"),
        [
            Section(Text("Flow", "Luồng dữ liệu"), pipeline.flow(kinds), 12, 8),
            Section(Text("Duplicates and refusals", "Trùng và từ chối"), pipeline.outcomes(), 12, 8),
            Section(Text("Books", "Sổ sách"), pipeline.books(kinds), 8, 8),
            Section(Text("Processes", "Tiến trình"), machinery.processes(), 8, 8),
            Section(Text("Kafka, Postgres, disks", "Kafka, Postgres, đĩa"), machinery.servers(), 8, 8),
        ],
        since="now-6h",
        refresh="10s",
    )


def _upstream(kinds: Sequence[Kind]) -> Board:
    """Return the board for one upstream system."""
    return Board(
        "upstream",
        Text("One upstream", "Từng hệ thống nguồn"),
        Text(
            "What arrived from one source, and what was refused.",
            "Dữ liệu đã nhận từ một hệ thống nguồn và dữ liệu bị từ chối.",
        ),
        [
            Section(Text("What arrived", "Đã nhận"), upstream.arrivals(kinds), 12, 8),
            Section(Text("What was refused", "Bị từ chối"), upstream.refusals(kinds), 12, 8),
        ],
        since="now-7d",
        refresh="1m",
        by_source=True,
    )


_NAMES: Final = {Language.ENGLISH: "English", Language.VIETNAMESE: "Tiếng Việt"}


def _link(board: Board, language: Language, title: str) -> DashboardLink:
    """Return the link to a board in a language, which keeps the time and the source that are chosen."""
    link = DashboardLink(title).type(DashboardLinkType.LINK).url(f"/d/{board.uid(language)}")
    return link.keep_time(keep_time=True).include_vars(include_vars=True)


def _lay_out(drawn: Dashboard, sections: Iterable[Section], language: Language) -> None:
    """Add the panels; they flow over as many lines as they need."""
    ids = count(1)
    for section in sections:
        drawn.with_row(Row(section.title.said_in(language)).id(next(ids)))
        for panel in section.panels:
            _place(drawn, panel, language, ids, section.width, section.height)
            if section.explained_by:
                _place(drawn, panel.as_text(), language, ids, section.explained_by, section.height)


def _place(drawn: Dashboard, panel: Panel, language: Language, ids: Iterator[int], width: int, height: int) -> None:  # noqa: PLR0913, PLR0917
    drawn.with_panel(draw(panel, language).id(next(ids)).span(width).height(height))
