"""The Grafana dashboards as code; the catalogue says what is in them, so a new kind of event shows itself."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, Final

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from models.catalogue import KINDS, Kind
from onboarding.documents.pipeline_panels import pipeline
from onboarding.documents.total_panels import charts, numbers

ONBOARDING: Final = "monitoring/grafana/dashboards/onboarding.json"

# Width and height of panels on Grafana's grid: it has 24 columns, a line is 30 pixels.
_NUMBER: Final = (6, 4)
_CHART: Final = (12, 9)
_SMALL_CHART: Final = (8, 8)


def render() -> dict[str, str]:
    """Return the text of every dashboard by its path in the repository; the same on every run."""
    text = json.dumps(onboarding(KINDS).build(), cls=JSONEncoder, ensure_ascii=False, indent=2, sort_keys=True)
    return {ONBOARDING: text + "\n"}


def onboarding(kinds: Sequence[Kind]) -> Dashboard:
    """Return the dashboard of the totals and of the machinery behind them."""
    board = Dashboard("Onboarding").uid("onboarding").tags(["onboarding"]).readonly()
    board.description("The move to digital identity, counted exactly.\n\nChuyển đổi định danh điện tử, đếm chính xác.")
    board.timezone("Asia/Ho_Chi_Minh").time("now-6h", "now").refresh("5s")
    ids = count(1)
    _add(board, ids, Row("Totals · Tổng số"), _NUMBER, numbers(kinds))
    _add(board, ids, Row("Curves and parts · Diễn biến và cơ cấu"), _CHART, charts(kinds))
    _add(board, ids, Row("Pipeline · Hệ thống xử lý"), _SMALL_CHART, pipeline(kinds))
    return board


def _add(board: Dashboard, ids: Iterator[int], row: Row, size: tuple[int, int], panels: Iterable[Any]) -> None:
    """Add a row with panels of one size, which flow over as many lines as they need."""
    columns, height = size
    board.with_row(row.id(next(ids)))
    for panel in panels:
        board.with_panel(panel.id(next(ids)).span(columns).height(height))
