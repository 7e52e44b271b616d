"""Draws a panel in one language with Grafana's SDK."""

from collections.abc import Callable
from string import ascii_uppercase
from typing import Any, Final

from grafana_foundation_sdk.builders import bargauge, common, stat, table, text, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.text import TextMode

from onboarding.documents.boards.panel import Look, Panel, Server
from onboarding.documents.boards.targets import SOURCES, write_target
from onboarding.documents.boards.words import Language

# Of COLUMNS, a day that may still change is grey.
_COLOURS: Final = {"provisional": "#9e9e9e"}


def draw(panel: Panel, language: Language) -> Any:  # noqa: ANN401 - the panels of the SDK have no type in common
    """Return a panel as the SDK builds it."""
    if panel.look is Look.TEXT:
        return (
            text.Panel()
            .mode(TextMode.MARKDOWN)
            .content(panel.definition.said_in(language))
            .transparent(transparent=True)
        )
    drawn = _MAKE[panel.look](panel)
    drawn.title(panel.title.said_in(language)).description(panel.definition.said_in(language)).unit(panel.unit)
    if panel.decimals is not None:
        drawn.decimals(panel.decimals)
    _ask(drawn, panel, language)
    _name(drawn, panel, language)
    return drawn


def _numbers(panel: Panel) -> stat.Panel:
    """Return large figures: what holds now, or nothing."""
    drawn = stat.Panel().graph_mode(BigValueGraphMode.NONE).text_mode(BigValueTextMode.VALUE_AND_NAME)
    drawn.reduce_options(_one_value())
    return drawn.thresholds(_one_is_right()) if panel.one_is_right else drawn


def _lines(panel: Panel) -> timeseries.Panel:
    """Return curves; an axis begins at 0, so that a small change does not look large."""
    del panel
    legend = common.VizLegendOptions().show_legend(show_legend=True).display_mode(LegendDisplayMode.LIST)
    return timeseries.Panel().axis_soft_min(0).legend(legend.placement(LegendPlacement.BOTTOM))


def _columns(panel: Panel) -> timeseries.Panel:
    """Return columns over time, on each other."""
    stacked = common.StackingConfig().mode(StackingMode.NORMAL).group("A")
    drawn = _lines(panel).draw_style(GraphDrawStyle.BARS).fill_opacity(80).stacking(stacked)
    for column, colour in _COLOURS.items():
        if column in panel.columns:
            drawn.override_by_name(column, [_property("color", {"mode": "fixed", "fixedColor": colour})])
    return drawn


def _bars(panel: Panel) -> bargauge.Panel:
    """Return one bar a series, in the order of the query."""
    del panel
    drawn = bargauge.Panel().reduce_options(_one_value())
    return drawn.orientation(VizOrientation.HORIZONTAL).display_mode(BarGaugeDisplayMode.BASIC)


def _table(panel: Panel) -> table.Panel:
    """Return a table; of Prometheus, with a row a value of its key and a column a query."""
    drawn = table.Panel().show_header(show_header=True)
    if not panel.key:
        return drawn
    values = [f"Value #{reference}" for reference in ascii_uppercase[: len(panel.queries)]]  # as Grafana names them
    drawn.with_transformation(_transformation("joinByField", {"byField": panel.key, "mode": "outer"}))
    drawn.with_transformation(_transformation("filterFieldsByName", {"include": {"names": [panel.key, *values]}}))
    return drawn.with_transformation(_transformation("sortBy", {"sort": [{"field": values[-1], "desc": True}]}))


_MAKE: Final[dict[Look, Callable[[Panel], Any]]] = {
    Look.NUMBERS: _numbers,
    Look.LINES: _lines,
    Look.COLUMNS: _columns,
    Look.BARS: _bars,
    Look.TABLE: _table,
}


def _ask(drawn: Any, panel: Panel, language: Language) -> None:  # noqa: ANN401 - as above
    """Add the queries, and what differs from one to the other."""
    drawn.datasource(SOURCES[panel.queries[0].server])
    for reference, query in zip(ascii_uppercase, panel.queries, strict=False):
        drawn.with_target(write_target(panel, query, reference, language))
        called = query.called.said_in(language)
        if panel.look is Look.TABLE and panel.key:
            _override(drawn, f"Value #{reference}", called, query.unit)
        elif query.server is Server.LEDGER and called:
            drawn.override_by_query(reference, [_property("displayName", called)])
        elif query.unit:
            drawn.override_by_query(reference, [_property("unit", query.unit)])


def _name(drawn: Any, panel: Panel, language: Language) -> None:  # noqa: ANN401 - as above
    """Write columns and values in words."""
    for column, name in panel.columns.items():
        _override(drawn, column, name.said_in(language), panel.units.get(column, ""))
    for labelled, words in panel.words.items():
        said = {value: word.said_in(language) for value, word in words.items()}
        if panel.look is Look.TABLE:
            drawn.override_by_name(labelled, [_property("mappings", [_mapping(said)])])
        else:
            for value, word in said.items():
                drawn.override_by_name(value, [_property("displayName", word)])


def _override(drawn: Any, column: str, name: str, unit: str) -> None:  # noqa: ANN401 - as above
    """Give a column its name, and its unit where it has one of its own."""
    unit_too = [_property("unit", unit)] if unit else []
    drawn.override_by_name(column, [_property("displayName", name), *unit_too])


def _property(name: str, value: object) -> dashboard.DynamicConfigValue:
    return dashboard.DynamicConfigValue(name, value)


def _one_value() -> common.ReduceDataOptions:
    """Return how an instant answer becomes the number shown."""
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _one_is_right() -> builders.ThresholdsConfig:
    """Return colours for a number that is 1 when all is well."""
    steps = [dashboard.Threshold(value, colour) for value, colour in ((None, "red"), (1, "green"), (2, "red"))]
    return builders.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps)


def _transformation(name: str, options: dict[str, object]) -> dashboard.DataTransformerConfig:
    return dashboard.DataTransformerConfig(id_val=name, options=options)


def _mapping(words: dict[str, str]) -> dashboard.ValueMap:
    """Return how values of a label are written for a reader."""
    results = {
        value: dashboard.ValueMappingResult(text=word, index=place) for place, (value, word) in enumerate(words.items())
    }
    return dashboard.ValueMap(results)
