"""Each reader's board shows, in both languages, everything that this reader must see."""

from typing import Final

import pytest
import yaml

from onboarding.documents.boards.words import Language
from tests.monitoring.boards import ROOT, questions_of, read_boards

BOARDS: Final = read_boards()
# What a reader must see, in the words of the demands, and what a panel must ask for to show it.
OPERATORS: Final = {
    "lag": "onboarding_lag_records",
    "freshness": "time() - max(onboarding_accounts_activated_newest_timestamp_seconds)",
    "events in": "deriv(sum(max by (topic, partition) (onboarding_lag_records))",
    "events out": "sum(rate(onboarding_records_consumed_total",
    "duplicates by kind": "sum by (duplicate) (rate(onboarding_records_duplicate_total",
    "refusals by reason": "sum by (reason) (increase(onboarding_records_refused_total",
    "batch times": "onboarding_commit_seconds_bucket",
    "batch sizes": "onboarding_batch_records_bucket",
    "recount drift": "onboarding_recount_drift_cells",
    "restarts": "process_start_time_seconds",
    "rebalances": "onboarding_rebalances_total",
    "standstill": "onboarding_standstill_seconds",
    "Kafka and Postgres reached": "onboarding_dependency_up",
    "disks": "mountpoint:node_filesystem_free:ratio",
}
SENDERS: Final = {
    "what arrived": 'increase(onboarding_source_records_accepted_total{source="$source"}',
    "its last event": "onboarding_source_newest_timestamp_seconds",
    "what was refused": 'increase(onboarding_source_records_refused_total{source="$source"}',
    "and why": "reason AS explanation",
}
OFFICIALS: Final = {
    "gross": "max(onboarding_accounts_activated_total)",
    "net": "max(onboarding_accounts_activated_net)",
    "today": "onboarding_accounts_activated_today",
    "yesterday": "day = (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date - 1",
    "activation rate": "onboarding_activation_ratio",
    "curve": "OVER (ORDER BY day)",
    "growth per day, provisional days apart": "CASE WHEN NOT is_final THEN facts END AS provisional",
    "average logins a day": "- min(day) + 1) AS value FROM dashboard.day WHERE topic = 'onboarding.portal-logins.v1'",
    "provinces per 1,000 inhabitants": "/ max by (province) (onboarding_province_inhabitants)",
    "portals by share": "onboarding_portal_logins_by_portal_total",
    "time from record to activation": "dashboard.activation_wait",
    "as of": "1000 * max(onboarding_accounts_activated_newest_timestamp_seconds)",
}
DEMANDS: Final = [
    (board, what, asked)
    for board, demands in (("pipeline", OPERATORS), ("upstream", SENDERS), ("onboarding", OFFICIALS))
    for what, asked in demands.items()
]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("board", "what", "asked"), DEMANDS, ids=[f"{board} {what}" for board, what, _ in DEMANDS])
def test_a_reader_sees_everything_that_he_must(board: str, what: str, asked: str, language: Language) -> None:
    """What is on no panel is looked for by hand, in the night."""
    shown = [each.text for each in questions_of({board: BOARDS[f"{language}/{board}.json"]})]
    assert any(asked in text for text in shown), what


def test_every_disk_that_is_watched_has_a_name() -> None:
    """Of what node_exporter is shown in compose, and of nothing else."""
    volumes = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]["node-exporter"]["volumes"]
    panel = next(asked.panel for asked in questions_of(BOARDS) if "node_filesystem" in asked.text)
    named = {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]}
    assert named == {volume.split(":")[1] for volume in volumes}
