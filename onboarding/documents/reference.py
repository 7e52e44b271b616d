"""The reference: tables of everything that the code knows and a reader looks up."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from models.catalogue import KIND_BY_TOPIC, KINDS
from models.events import SOURCES
from models.net_figures import NETS, Term
from models.outcomes import EXPLANATIONS
from models.places import MERGED_ON, PLACES, PROVINCE_CODES, place_at, place_today
from models.topics import CLAIMS, REFUSED, TALLIES, TOPICS
from onboarding.documents.series import LABELS, bounds
from onboarding.settings import Settings


def reference() -> str:
    """Return the reference in Markdown."""
    return "\n\n".join(["# Reference", _ORIGIN, *(section() for section in SECTIONS)]) + "\n"


_ORIGIN: Final = "Generated from the code by `make docs`; do not edit."


def _topics() -> str:
    """Return the topics as they are created."""
    holds = {name: f"`{kind.type}`; the key is the subject" for name, kind in KIND_BY_TOPIC.items()} | {
        REFUSED.name: "records that were refused, under their own key, with the reason as a header",
        TALLIES.name: "pages of absolute counts, one key a ledger and source partition",
        CLAIMS.name: "whose totals they are: the claims of ledgers, the living one written again every second",
    }
    rows = (
        (f"`{topic.name}`", topic.partitions, holds[topic.name], _quote(f"{k}={v}" for k, v in topic.config.items()))
        for topic in TOPICS
    )
    return _table("Topics", ("topic", "partitions", "what is in it", "settings"), rows)


def _kinds() -> str:
    """Return what each kind of event means and how it is counted."""
    rows = (
        (f"`{kind.name}`", kind.definition, kind.definition_vi, f"`{kind.business_key}`", _quote(kind.counted))
        for kind in KINDS
    )
    return _table("Kinds", ("kind", "definition", "định nghĩa", "business key", "counted by"), rows)


def _totals() -> str:
    """Return the names of the totals in Prometheus."""
    rows = (
        (kind.name, f"`{kind.metric}`", _quote(kind.metric_by(dimension) for dimension in kind.counted))
        for kind in KINDS
    )
    return _table("Totals", ("kind", "all", "by dimension"), rows)


def _nets() -> str:
    """Return what each net figure means and what it is made of."""
    rows = (
        (
            f"`{net.metric}`",
            net.definition,
            net.definition_vi,
            " ".join(f"{'+-'[term.sign < 0]} `{_count_of(term)}`" for term in net.terms),
        )
        for net in NETS
    )
    return _table("Net figures", ("gauge", "definition", "định nghĩa", "sum"), rows)


def _count_of(term: Term) -> str:
    """Return the metric of a term, with its label."""
    label = f"{{{term.dimension}={term.value}}}"
    return term.kind.metric_by(term.dimension) + label if term.value else term.kind.metric


def _metrics() -> str:
    """Return every metric with its bound."""
    found = list(bounds())
    rows = ((f"`{each.metric}`", each.process, _quote(each.labels), each.meaning, f"{each.series:,}") for each in found)
    table = _table("Metrics", ("metric", "shown by", "labels", "meaning", "series at most"), rows)
    sums = Counter[str]()
    for each in found:
        sums[each.process] += each.series
    return f"{table}\n\n{_SERIES.format(sums=', '.join(f'{name}: {series:,}' for name, series in sums.items()))}"


_SERIES: Final = (
    f"Series of one process at most, with {len(PROVINCE_CODES)} provinces and the {len(PLACES) - len(PROVINCE_CODES)} "
    f"merged ones since {MERGED_ON}, {LABELS['portal']} portals and {LABELS['source'] - 1} sources: {{sums}}. With "
    "several consumers, each partition is one's alone."
)


def _provinces() -> str:
    """Return every province that ever had a code since 2016, with the days on which it existed."""
    day_before = MERGED_ON - timedelta(days=1)
    rows = []
    for place, name in PLACES.items():
        code = place[:2]
        since = "" if place == place_at(code, day_before) else MERGED_ON.isoformat()
        until = "" if place == place_at(code, MERGED_ON) else day_before.isoformat()
        rows.append((code, name, f"`{place}`", since, until, f"`{place_today(place)}`"))
    return _table("Provinces", ("code", "name", "shown as", "from", "to", "belongs to today"), rows)


def _sources() -> str:
    """Return the registered upstream systems."""
    return _table("Sources", ("source of an event",), ((f"`{source}`",) for source in sorted(SOURCES)))


def _reasons() -> str:
    """Return the reasons of refusal in their order of precedence."""
    rows = ((f"`{reason}`", explanation) for reason, explanation in EXPLANATIONS.items())
    return _table("Reasons of refusal", ("reason", "explanation"), rows)


def _settings() -> str:
    """Return the environment variables."""
    rows = (
        (f"`{name.upper()}`", f"`{field.default}`", field.description) for name, field in Settings.model_fields.items()
    )
    return _table("Settings", ("environment variable", "default", "meaning"), rows)


def _quote(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a section with one table."""
    lines = [head, ("---",) * len(head), *rows]
    return f"## {title}\n\n" + "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(content: object) -> str:
    """Return a cell; a bar would end it."""
    return str(content).replace("|", "\\|")


# A section more is a function more here.
SECTIONS: Final[tuple[Callable[[], str], ...]] = (
    _topics,
    _kinds,
    _totals,
    _nets,
    _metrics,
    _provinces,
    _sources,
    _reasons,
    _settings,
)
