"""The names that tests look for in dashboards and rules are found in any expression, and nothing else is."""

import pytest

from tests.monitoring.promql import metrics_in


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ("max(a_total)", {"a_total"}),
        ("a{job=~'b.+', c=\"d{e\"} offset 5m > 10000", {"a"}),
        ("sum by (topic) (max by (topic, partition) (a_b))", {"a_b"}),
        ("rate(a[5m]) / sum(rate(b[$__rate_interval])) without (c)", {"a", "b"}),
        ("kind:a:max > 60 and on (topic) topic:b:sum > 0 or vector(0)", {"kind:a:max", "topic:b:sum"}),
        ("a * on (c) group_left (d) b unless bool", {"a", "b"}),
        ("time() - max(a) > 1e3 or absent(up{job='b'})", {"a", "up"}),
        ("histogram_quantile(0.99, sum by (le) (rate(a_bucket[1m])))", {"a_bucket"}),
    ],
)
def test_metrics_are_found_and_nothing_else(expression: str, metrics: set[str]) -> None:
    """A name overlooked would be a panel without data; a label taken for a metric would be a false alarm."""
    assert metrics_in(expression) == metrics
