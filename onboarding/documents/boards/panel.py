"""A panel as a value: what it asks, what it is called in each language, and how it is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final

from onboarding.documents.boards.words import Text, alike

# Grafana's names of units. "locale" writes every digit: a total must not be rounded to millions.
EXACT: Final = "locale"
RATIO: Final = "percentunit"
PER_SECOND: Final = "cps"
SECONDS: Final = "s"
BYTES: Final = "bytes"
MOMENT: Final = "dateTimeAsLocal"  # milliseconds since 1970

UNNAMED: Final = alike("")


class Server(Enum):
    """Who answers a query."""

    PROMETHEUS = auto()  # what was shown at a moment
    LEDGER = auto()  # Postgres, as a reader of the schema `dashboard`: exact by the day of the event


class Look(Enum):
    """How the answers are shown."""

    NUMBERS = auto()  # what holds now, in large figures
    LINES = auto()  # over time
    COLUMNS = auto()  # over time, stacked
    BARS = auto()  # one a series
    TABLE = auto()
    TEXT = auto()  # the definition itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question of a panel.

    called -- what its series is called; may hold labels as {{label}}
    """

    ask: str
    called: Text = UNNAMED
    server: Server = Server.PROMETHEUS
    unit: str = ""  # where it is not that of the panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel of a dashboard.

    columns -- of a query of the ledger, the columns that are shown, by name
    units -- of a column, where it is not that of the panel
    key -- of a table of Prometheus, the label that makes a row
    words -- how the values of a label or column are written
    """

    title: Text
    definition: Text
    look: Look
    queries: Sequence[Query] = ()
    unit: str = EXACT
    columns: Mapping[str, Text] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    words: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    decimals: int | None = None
    one_is_right: bool = False

    def as_text(self) -> "Panel":
        """Return the panel beside it that holds its definition for all to read."""
        return replace(self, title=UNNAMED, look=Look.TEXT, queries=())


def of_ledger(ask: str, called: Text = UNNAMED) -> Query:
    """Return a query of the ledger."""
    return Query(ask=" ".join(ask.split()), called=called, server=Server.LEDGER)
