"""The totals that the product shows in the end, read from its page as Prometheus reads it."""

import urllib.error
import urllib.request
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from models.catalogue import KINDS

_ANSWER_SECONDS_MAX: Final = 5.0
_METRICS: Final = frozenset(kind.metric for kind in KINDS)


def read_facts(port: int) -> int | None:
    """Return the sum of the totals on the page of this port; None where one is missing or nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=_ANSWER_SECONDS_MAX) as answer:
            return sum_totals(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return None


def sum_totals(page: str) -> int | None:
    """Return the sum of the totals on a page; None where one is missing."""
    samples = (sample for family in text_string_to_metric_families(page) for sample in family.samples)
    found = {sample.name: int(sample.value) for sample in samples if sample.name in _METRICS}
    return sum(found.values()) if found.keys() == _METRICS else None
