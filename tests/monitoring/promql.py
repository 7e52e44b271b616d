"""Which metrics a PromQL expression asks for."""

import re
from typing import Final

_TEXT: Final = re.compile(r"\"(?:\\.|[^\"])*\"|'(?:\\.|[^'])*'")
# What holds names that are no metrics: label matchers, ranges, lists of labels. $__range is Grafana's.
_LABELS: Final = re.compile(
    r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", re.IGNORECASE
)
# A name that no bracket follows: that would be a function or an aggregation. Not within a duration like 5m.
_NAME: Final = re.compile(r"(?<![\w:$.])[a-zA-Z_:][\w:]*(?![\w:]*\s*\()")
_WORDS: Final = frozenset({"and", "or", "unless", "offset", "bool", "by", "without", "inf", "nan"})


def metrics_in(expression: str) -> set[str]:
    """Return the names of the metrics and recording rules in an expression."""
    bare = _LABELS.sub(" ", _TEXT.sub('""', expression))
    return {name for name in _NAME.findall(bare) if name.lower() not in _WORDS}
