"""The recording rules of the totals: one name for all kinds, with the kind as a label, so that one alert covers all."""

from collections.abc import Iterable
from typing import Any, Final

import yaml

from models.catalogue import KINDS, Kind

TOTALS: Final = "monitoring/prometheus/totals.rules.yml"
_ORIGIN: Final = "# Generated from the catalogue by `make docs`; do not edit.\n"


def render() -> dict[str, str]:
    """Return the text of the file of rules by its path in the repository; the same on every run."""
    return {TOTALS: _ORIGIN + rules_of(KINDS)}


def rules_of(kinds: Iterable[Kind]) -> str:
    """Return the rules of some kinds as YAML."""
    rules = [rule for kind in kinds for rule in _rules(kind)]
    groups = {"groups": [{"name": "onboarding-totals", "rules": rules}]}
    # 120 columns, as in the code.
    return yaml.safe_dump(groups, sort_keys=False, allow_unicode=True, width=120)


def _rules(kind: Kind) -> list[dict[str, Any]]:
    """Return what alerts ask of a kind: its total, the age of the newest record in it, and how many workers show it."""
    expressions = {
        "kind:onboarding_total:max": f"max({kind.metric})",
        "kind:onboarding_newest_age_seconds:min": f"time() - max(onboarding_{kind.name}_newest_timestamp_seconds)",
        "kind:onboarding_total_workers:count": f"count({kind.metric}) or vector(0)",
    }
    return [
        {"record": name, "expr": expression, "labels": {"kind": kind.name, "topic": kind.topic}}
        for name, expression in expressions.items()
    ]
