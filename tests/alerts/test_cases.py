"""The cases cover every alert, and the rules in fast motion are the committed ones but for their durations."""

import re

import pytest

from tests.alerts.cases import ALL
from tests.alerts.durations import shorten
from tests.alerts.watch import FOLDER

RULES = "".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.rules.yml")))


def test_every_alert_is_caused_by_a_case() -> None:
    """An alert that nobody has caused may be one that cannot come."""
    caused = {alert for case in ALL for alert in case.alerts}
    assert caused == set(re.findall(r"- alert: (\w+)", RULES))


def test_what_a_case_expects_to_be_inhibited_is_an_alert() -> None:
    """Alertmanager would never have an alert of another name, and the case would wait in vain."""
    assert {alert for case in ALL for alert in case.inhibited} <= set(re.findall(r"- alert: (\w+)", RULES))


@pytest.mark.parametrize(
    ("rule", "shortened"),
    [
        ("for: 30s", "for: 500ms"),
        ("rate(x[5m])", "rate(x[5000ms])"),
        ("increase(x[1h]) offset 1w", "increase(x[60000ms]) offset 60000ms"),
        ("max_over_time(x[1d])", "max_over_time(x[60000ms])"),
        ("# 30 s: rate1m of 4 * 86400", "# 30 s: rate1m of 4 * 86400"),
        ("record: topic:x:increase1h", "record: topic:x:increase1h"),
    ],
)
def test_durations_are_shortened_and_nothing_else(rule: str, shortened: str) -> None:
    """`for`, windows and offsets; names and thresholds stay."""
    assert shorten(rule) == shortened


def test_no_duration_of_the_rules_is_left() -> None:
    """What is not shortened would keep a case waiting for hours."""
    assert not re.findall(r"(?:for: |\[|offset )\d+[smhdw]\b", shorten(RULES))
    assert re.findall(r"(?:for: |\[|offset )\d+[smhdw]\b", RULES)
