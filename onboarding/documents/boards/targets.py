"""Queries as Grafana writes them: those of Prometheus by the SDK, those of Postgres by a class that the SDK lacks."""

from typing import Final

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog import builder as cogbuilder
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from onboarding.documents.boards.panel import Look, Panel, Query, Server
from onboarding.documents.boards.words import Language

# The uids are those in monitoring/grafana/provisioning/datasources.
SOURCES: Final = {
    Server.PROMETHEUS: DataSourceRef(type_val="prometheus", uid="prometheus"),
    Server.LEDGER: DataSourceRef(type_val="grafana-postgresql-datasource", uid="ledger"),
}
OVER_TIME: Final = frozenset({Look.LINES, Look.COLUMNS})

Target = cogbuilder.Builder[variants.Dataquery]


class LedgerQuery(variants.Dataquery):
    """A query of Grafana's Postgres data source, as its editor saves one that is written as SQL."""

    def __init__(self, reference: str, statement: str, form: str) -> None:
        self._fields: dict[str, object] = {
            "refId": reference,
            "datasource": SOURCES[Server.LEDGER],
            "editorMode": "code",
            "format": form,
            "rawQuery": True,
            "rawSql": statement,
        }

    def to_json(self) -> dict[str, object]:
        """Return what the SDK's encoder writes."""
        return self._fields


class _Ledger(cogbuilder.Builder[variants.Dataquery]):
    """Hands a query of the ledger to the SDK, which asks for builders."""

    def __init__(self, query: LedgerQuery) -> None:
        self._query = query

    def build(self) -> variants.Dataquery:
        """Return the query."""
        return self._query


def write_target(panel: Panel, query: Query, reference: str, language: Language) -> Target:
    """Return a query of a panel as Grafana writes it."""
    if query.server is Server.LEDGER:
        form = "time_series" if panel.look in OVER_TIME else "table"
        return _Ledger(LedgerQuery(reference, query.ask, form))
    target = prometheus.Dataquery().expr(query.ask).legend_format(query.called.said_in(language))
    target.datasource(SOURCES[Server.PROMETHEUS]).ref_id(reference)
    if panel.look is Look.TABLE:
        target.format(PromQueryFormat.TABLE)
    return target.range() if panel.look in OVER_TIME else target.instant()
