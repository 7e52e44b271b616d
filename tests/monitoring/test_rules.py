"""Alerts and configuration, judged by the tools of Prometheus: each fires when it must, and at no other time."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from monitoring.metrics import ConsumerMetrics
from onboarding.documents.registries import audit_registry, consumer_registry
from tests.monitoring.conftest import Checker
from tests.monitoring.promql import metrics_in
from tests.monitoring.registries import example_totals, names, totals_registry

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "monitoring" / "prometheus"
RUNBOOK: Final = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
TOTAL_ALERTS: Final = "totals.alerts.rules.yml"
TEST_RULES: Final = "promtool test rules *.test.yml"
PROMETHEUS_OWN: Final = {"up"}
NODE_EXPORTERS_OWN: Final = {"node_filesystem_avail_bytes", "node_filesystem_size_bytes"}
ANNOTATIONS: Final = {"summary", "summary_vi", "description", "description_vi", "runbook_url"}
PARTS: Final = ("What it means", "How to see it", "What to do", "What never to do", "How it was caused")


@cache
def files() -> dict[str, str]:
    """Return the text of every file of the folder, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yml")}


@cache
def rules() -> list[dict[str, Any]]:
    """Return all rules, recording and alerting."""
    texts = [text for name, text in files().items() if name.endswith(".rules.yml")]
    return [rule for text in texts for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


@cache
def alerts() -> list[dict[str, Any]]:
    """Return the rules that raise an alert."""
    return [rule for rule in rules() if "alert" in rule]


@cache
def cases() -> list[dict[str, Any]]:
    """Return all cases of alerts, those that fire and those that do not."""
    texts = [text for name, text in files().items() if name.endswith(".test.yml")]
    groups = [group for text in texts for group in yaml.safe_load(text)["tests"]]
    return [case for group in groups for case in group.get("alert_rule_test", [])]


def unknown(asked: list[dict[str, Any]]) -> set[str]:
    """Return the metrics that rules ask for and that neither a process nor a rule gives."""
    given = names(consumer_registry()) | names(totals_registry(example_totals())) | names(audit_registry())
    given |= PROMETHEUS_OWN | NODE_EXPORTERS_OWN
    given |= {rule["record"] for rule in rules() if "record" in rule}
    return {metric for rule in asked for metric in metrics_in(rule["expr"])} - given


def test_every_metric_that_a_rule_asks_for_exists() -> None:
    """An alert on a metric that nobody shows is an alert that never comes."""
    assert unknown(rules()) == set()


def test_a_rule_on_a_metric_that_does_not_exist_is_found() -> None:
    """The check above fires."""
    assert unknown([{"expr": "topic:onboarding_lag:sum > 0"}]) == {"topic:onboarding_lag:sum"}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_each_alert_says_how_bad_it_is_and_what_to_do_in_both_languages(alert: dict[str, Any]) -> None:
    """Whoever is woken up must not need a dictionary."""
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"].keys() == ANNOTATIONS
    for name, text in alert["annotations"].items():
        assert text.isascii() is not name.endswith("_vi")


@pytest.mark.parametrize("name", [alert["alert"] for alert in alerts()])
def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(name: str) -> None:
    """An alert that was never seen to fire, or fires always, is none."""
    assert {bool(case["exp_alerts"]) for case in cases() if case["alertname"] == name} == {True, False}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_each_alert_leads_to_its_place_in_the_runbook(alert: dict[str, Any]) -> None:
    """Whoever is woken up reads there what to do, and what never."""
    assert alert["annotations"]["runbook_url"] == f"docs/runbook.md#{alert['alert'].lower()}"
    assert missing_parts(RUNBOOK, alert["alert"]) == []


def test_every_place_in_the_runbook_belongs_to_an_alert() -> None:
    """What is read for an alert that no longer exists is wrong, or lost."""
    headings = re.findall(r"^## (Onboarding\w+)$", RUNBOOK, re.MULTILINE)
    assert sorted(headings) == sorted({alert["alert"] for alert in alerts()})


def test_a_part_that_the_runbook_lacks_is_found() -> None:
    """The check above fires, for a missing heading, a missing part and an empty one."""
    assert missing_parts("", "OnboardingDrift") == list(PARTS)
    planted = RUNBOOK.replace("**What never to do.**", "**What to avoid.**")
    assert missing_parts(planted, "OnboardingDrift") == ["What never to do"]
    assert missing_parts("## OnboardingDrift\n\n**What it means.**\n", "OnboardingDrift") == list(PARTS)


def missing_parts(runbook: str, alert: str) -> list[str]:
    """Return the parts that the section of an alert lacks."""
    _, _, rest = runbook.partition(f"\n## {alert}\n")
    section = rest.partition("\n## ")[0]
    return [part for part in PARTS if not re.search(rf"\*\*{part}\.\*\* \S", section)]


@pytest.mark.slow
def test_the_cases_hold(promtool: Checker) -> None:
    """Prometheus' own evaluation of each case, to the letter of every text: the command as anybody types it."""
    code, output = promtool(TEST_RULES, files())
    assert code == 0, output


@pytest.mark.slow
@pytest.mark.parametrize("expression", ["vector(1) > 2", "vector(1)"], ids=["never", "always"])
def test_an_alert_that_fires_never_or_always_fails_its_cases(expression: str, promtool: Checker) -> None:
    """The cases can fail, for every single alert; that is seen at every third evaluation as well."""
    rule_files = {name: text for name, text in files().items() if name.endswith(".rules.yml")}
    broken = {name: with_every_alert(text, expression) for name, text in rule_files.items()}
    seldom = {
        name: text.replace("evaluation_interval: 5s", "evaluation_interval: 15s") for name, text in files().items()
    }
    code, output = promtool(TEST_RULES, seldom | broken)
    assert code == 1
    for alert in alerts():
        assert f"alertname: {alert['alert']}, time" in output


def with_every_alert(text: str, expression: str) -> str:
    """Return rules whose alerts all have this expression."""
    document = yaml.safe_load(text)
    for rule in (rule for group in document["groups"] for rule in group["rules"] if "alert" in rule):
        rule["expr"] = expression
    return yaml.safe_dump(document)


def test_a_text_that_changes_fails_the_cases(promtool: Checker) -> None:
    """What is read in the night is written down twice, so that no half of a sentence is lost."""
    planted = plant(TOTAL_ALERTS, "Counting goes on in Postgres", "Counting stops in Postgres")
    code, output = promtool("promtool test rules totals.rules.test.yml", planted)
    assert code == 1
    assert "Counting stops in Postgres" in output


def test_the_configuration_and_its_rules_are_sound(promtool: Checker) -> None:
    """What promtool takes, Prometheus of the same version starts with; both files of rules are found from it."""
    code, output = promtool("promtool check config prometheus.yml && promtool check rules *.rules.yml", files())
    assert code == 0, output
    assert "4 rule files found" in output


@pytest.mark.parametrize(
    ("file", "sound", "planted"),
    [
        ("prometheus.yml", "scrape_interval", "scrape_intervall"),
        ("pipeline.rules.yml", "sum by (topic)", "sum by topic"),
        (TOTAL_ALERTS, "{{ $labels.kind }}", "{{ $label.kind }}"),
    ],
)
def test_a_mistake_in_the_configuration_is_found(file: str, sound: str, planted: str, promtool: Checker) -> None:
    """The check above fires for a misspelt setting, for PromQL that is none, and for a template that is none."""
    code, output = promtool("promtool check config prometheus.yml", plant(file, sound, planted))
    assert code == 1
    assert "FAILED" in output


def test_alertmanagers_configuration_is_sound(amtool: Checker) -> None:
    """What amtool takes, Alertmanager of the same version starts with."""
    code, output = amtool("amtool check-config alertmanager.yml", files())
    assert code == 0, output
    assert "11 inhibit rules" in output


@pytest.mark.parametrize(("severity", "receiver"), [("critical", "at-once"), ("warning", "office-hours")])
def test_an_alert_goes_to_whom_its_severity_says(severity: str, receiver: str, amtool: Checker) -> None:
    """And to nobody else: the other one is tried as well."""
    test = "amtool config routes test --config.file=alertmanager.yml --verify.receivers"
    assert amtool(f"{test}={receiver} severity={severity}", files()).code == 0
    other = {"at-once", "office-hours"} - {receiver}
    assert amtool(f"{test}={other.pop()} severity={severity}", files()).code == 1


def test_what_inhibits_and_what_is_inhibited_are_alerts() -> None:
    """A rule with the name of no alert inhibits nothing, and amtool does not say so."""
    assert inhibition_names(files()["alertmanager.yml"]) <= {alert["alert"] for alert in alerts()}
    planted = files()["alertmanager.yml"].replace("OnboardingTotalNotShown", "OnboardingTotalShown")
    assert "OnboardingTotalShown" in inhibition_names(planted)


def inhibition_names(configuration: str) -> set[str]:
    """Return the names of alerts that the inhibitions of Alertmanager's configuration hold."""
    return set(re.findall(r"Onboarding\w+", str(yaml.safe_load(configuration)["inhibit_rules"])))


def test_a_mistake_in_alertmanagers_configuration_is_found(amtool: Checker) -> None:
    """The check above fires for a route to a receiver that is not there."""
    code, output = amtool(
        "amtool check-config alertmanager.yml", plant("alertmanager.yml", "name: at-once", "name: no")
    )
    assert (code, "undefined receiver" in output) == (1, True)


def plant(file: str, sound: str, planted: str) -> dict[str, str]:
    """Return the files with one mistake in one of them."""
    text = files()[file]
    assert sound in text
    return files() | {file: text.replace(sound, planted)}


def totals_process() -> CollectorRegistry:
    """Return the registry of a stream worker that shows every total."""
    return totals_registry(example_totals())


@pytest.mark.parametrize(
    "registry", [consumer_registry, totals_process, audit_registry], ids=["consumer", "totals", "audit"]
)
def test_promtool_has_nothing_to_say_of_the_metrics(
    registry: Callable[[], CollectorRegistry], promtool: Checker
) -> None:
    """Names, units, types and help texts follow the conventions of Prometheus, in the text that is really served."""
    text = generate_latest(registry()).decode()
    assert promtool("promtool check metrics < metrics.txt", {"metrics.txt": text}) == (0, "")


def test_a_metric_against_the_conventions_is_found(promtool: Checker) -> None:
    """The check above fires for a gauge that is called a total and for one without help."""
    registry = CollectorRegistry()
    ConsumerMetrics(registry)
    Gauge("onboarding_planted_total", "Planted.", registry=registry).set(1)
    Gauge("onboarding_planted_milliseconds", "", registry=registry).set(1)
    code, output = promtool("promtool check metrics < metrics.txt", {"metrics.txt": generate_latest(registry).decode()})
    assert code != 0
    assert "onboarding_planted_total" in output
    assert "onboarding_planted_milliseconds" in output
