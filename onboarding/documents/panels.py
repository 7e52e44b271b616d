"""The kinds of panel a dashboard is made of, each with what it always has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final, NamedTuple, TypeVar

from grafana_foundation_sdk.builders import bargauge, common, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    VizOrientation,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

# The uid is the one in monitoring/grafana/provisioning/datasources/prometheus.yml.
PROMETHEUS: Final = dashboard.DataSourceRef(type_val="prometheus", uid="prometheus")

# Grafana's names of units. "locale" writes every digit: a total must not be rounded to millions.
EXACT: Final = "locale"
RATIO: Final = "percentunit"
PER_SECOND: Final = "cps"
SECONDS: Final = "s"

Panel = TypeVar("Panel", stat.Panel, timeseries.Panel, bargauge.Panel, table.Panel)


@dataclass(frozen=True, slots=True)
class Words:
    """What a panel says of itself: its title, and its definition in English and in Vietnamese."""

    title: str
    definition: str
    definition_vi: str


class Query(NamedTuple):
    """One PromQL expression of a panel and what its series are called."""

    expression: str
    legend: str


def show_numbers(words: Words, queries: Sequence[Query], unit: str) -> stat.Panel:
    """Return a panel with one large number a query: what Prometheus has now, or nothing."""
    panel = stat.Panel().unit(unit).graph_mode(BigValueGraphMode.NONE).reduce_options(_one_value())
    return _complete(panel, words, map(_instant, queries))


def show_lines(words: Words, queries: Sequence[Query], unit: str) -> timeseries.Panel:
    """Return a panel with curves over time; an axis begins at 0, so that a small change does not look large."""
    legend = common.VizLegendOptions().show_legend(show_legend=True).display_mode(LegendDisplayMode.LIST)
    panel = timeseries.Panel().unit(unit).axis_soft_min(0).legend(legend.placement(LegendPlacement.BOTTOM))
    return _complete(panel, words, map(_range, queries))


def show_bars(words: Words, queries: Sequence[Query], unit: str) -> bargauge.Panel:
    """Return a panel with one bar a series, in the order of the query."""
    panel = bargauge.Panel().unit(unit).decimals(0).reduce_options(_one_value())
    panel.orientation(VizOrientation.HORIZONTAL).display_mode(BarGaugeDisplayMode.BASIC)
    return _complete(panel, words, map(_instant, queries))


def show_table(words: Words, queries: Sequence[Query], label: str, names: dict[str, str]) -> table.Panel:
    """Return a panel with a row a value of `label` and a column a query; `names` says what the values mean."""
    panel = _complete(
        table.Panel().unit(EXACT).show_header(show_header=True),
        words,
        (_instant(query).format(PromQueryFormat.TABLE) for query in queries),
    )
    columns = [f"Value #{reference}" for reference in ascii_uppercase[: len(queries)]]  # as Grafana names them
    panel.with_transformation(_transformation("joinByField", {"byField": label, "mode": "outer"}))
    panel.with_transformation(_transformation("filterFieldsByName", {"include": {"names": [label, *columns]}}))
    for column, query in zip(columns, queries, strict=True):
        panel.override_by_name(column, [dashboard.DynamicConfigValue("displayName", query.legend)])
    return panel.override_by_name(label, [dashboard.DynamicConfigValue("mappings", [_mapping(names)])])


def one_is_right() -> builders.ThresholdsConfig:
    """Return colours for a number that is 1 when all is well."""
    steps = [dashboard.Threshold(value, colour) for value, colour in ((None, "red"), (1, "green"), (2, "red"))]
    return builders.ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(steps)


def _complete(panel: Panel, words: Words, targets: Iterator[prometheus.Dataquery]) -> Panel:
    """Add what every panel has."""
    panel.title(words.title).description(f"{words.definition}\n\n{words.definition_vi}").datasource(PROMETHEUS)
    for reference, target in zip(ascii_uppercase, targets, strict=False):
        panel.with_target(target.ref_id(reference))
    return panel


def _range(query: Query) -> prometheus.Dataquery:
    return _target(query).range()


def _instant(query: Query) -> prometheus.Dataquery:
    return _target(query).instant()


def _target(query: Query) -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(query.expression).legend_format(query.legend).datasource(PROMETHEUS)


def _one_value() -> common.ReduceDataOptions:
    """Return how an instant answer becomes the number shown."""
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _transformation(name: str, options: dict[str, object]) -> dashboard.DataTransformerConfig:
    return dashboard.DataTransformerConfig(id_val=name, options=options)


def _mapping(names: dict[str, str]) -> dashboard.ValueMap:
    """Return how values of a label are written for a reader."""
    results = {
        value: dashboard.ValueMappingResult(text=name, index=place) for place, (value, name) in enumerate(names.items())
    }
    return dashboard.ValueMap(results)
