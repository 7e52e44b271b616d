"""Puts the queries of panels to the real servers, as Grafana would, and says what is wrong with an answer."""

import math
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import asyncpg

from tests.compose.pages import read_api
from tests.monitoring.boards import Asked

# What Grafana puts in the place of its variables: 15 minutes hold all that the test does, and 20 s are four scrapes.
_RANGE_SECONDS: Final = 900
_STEP_SECONDS: Final = 15
_DAYS: Final = 30
_VARIABLES: Final = {"$__rate_interval": "20s", "$__range": f"{_RANGE_SECONDS}s", "$__interval": f"{_STEP_SECONDS}s"}
_LABEL: Final = re.compile(r"\{\{(\w+)\}\}")


def find_faults(address: str, asked: Asked, source: str) -> list[str]:
    """Ask Prometheus; return what is wrong: no data, or a legend that names a label which no series has."""
    expression = asked.text.replace("$source", source)
    for variable, value in _VARIABLES.items():
        expression = expression.replace(variable, value)
    answer = [series for series in _ask(address, asked, expression) if any(map(math.isfinite, _values(series)))]
    if not answer:
        return [f"{asked}: no data for {expression}"]
    labels = set(_LABEL.findall(asked.target.get("legendFormat", "")))
    return [
        f"{asked}: no label {labels - series['metric'].keys()}" for series in answer if labels - series["metric"].keys()
    ]


def _ask(address: str, asked: Asked, expression: str) -> list[dict[str, Any]]:
    """Return the series of an answer."""
    if asked.target["instant"]:
        return list(read_api(address, f"query?{urlencode({'query': expression})}")["result"])
    now = time.time()
    span = {"start": now - _RANGE_SECONDS, "end": now, "step": _STEP_SECONDS}
    return list(read_api(address, f"query_range?{urlencode({'query': expression, **span})}")["result"])


def _values(series: Mapping[str, Any]) -> Iterator[float]:
    """Yield the values of one series."""
    for _moment, value in series.get("values", [series.get("value")]):
        yield float(value)


async def find_ledger_faults(connection: asyncpg.Connection, asked: Asked, source: str) -> list[str]:
    """Ask Postgres; return what is wrong: no row, or a column that is not there or is empty."""
    rows = await ask_ledger(connection, asked, source)
    if not rows:
        return [f"{asked}: no row for {asked.text}"]
    missing = asked.columns - set(rows[0].keys())
    empty = {name for name in rows[0].keys() if all(row[name] is None for row in rows)}  # noqa: SIM118 - of asyncpg
    return [
        f"{asked}: {fault} {names} in {asked.text}" for fault, names in (("no", missing), ("nothing", empty)) if names
    ]


async def ask_ledger(connection: asyncpg.Connection, asked: Asked, source: str) -> list[asyncpg.Record]:
    """Return the rows of an answer, of the last thirty days where the panel is one of a range."""
    now = datetime.now(UTC)
    statement = asked.text.replace("$source", source)
    for variable, moment in (("$__timeFrom()", now - timedelta(days=_DAYS)), ("$__timeTo()", now)):
        statement = statement.replace(variable, f"'{moment:%Y-%m-%dT%H:%M:%SZ}'")
    return list(await connection.fetch(statement))
