"""Each thing that can be wrong with a process, a group, a disk or a setting is planted once."""

from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from models.visible import hide_secrets
from onboarding.cli._setting_checks import judge_settings
from onboarding.settings import ADDRESSES_FILE, Settings
from operations.doctor.findings import Finding, Level, exit_code_of
from operations.doctor.kafka_reading import GroupFacts
from operations.doctor.process_checks import (
    ProcessFacts,
    judge_group,
    judge_process,
    judge_room,
    judge_workers,
    read_process,
)
from operations.scrape import Answer, Scrape
from tests.operations.pages import COUNTS, say, show

WORKER = ProcessFacts(
    "stream worker",
    "http://here:9102",
    "onboarding total",
    "ONBOARDING_TOTALS_URL",
    Answer(200, "working\n"),
    show(COUNTS),
)
STANDBY = replace(WORKER, url="http://there:9102", page=Scrape({("up", frozenset()): 1.0}))
AWAY = replace(WORKER, readiness=None, page=None)


@pytest.mark.parametrize(
    ("found", "level", "told"),
    [
        (WORKER, Level.OK, "stream worker at http://here:9102: working"),
        (AWAY, Level.FAULT, "does not answer; start `onboarding total` there, or let ONBOARDING_TOTALS_URL"),
        (replace(WORKER, page=None), Level.FAULT, "another program listens there"),
        (replace(WORKER, page=Scrape({})), Level.FAULT, "another program listens there"),
        (replace(WORKER, readiness=Answer(503, "waiting for Kafka\n")), Level.WARNING, "waiting for Kafka; look again"),
    ],
    ids=["ready", "away", "no page", "an empty page", "waiting"],
)
def test_a_process_is_judged_by_what_it_answers(found: ProcessFacts, level: Level, told: str) -> None:
    """Who waits is told apart from who is away."""
    finding = judge_process(found)
    assert (finding.level, told in finding.describe()) == (level, True)


@pytest.mark.parametrize(
    ("workers", "level"),
    [([WORKER, STANDBY], Level.OK), ([STANDBY], Level.FAULT), ([WORKER, WORKER], Level.FAULT), ([AWAY], Level.FAULT)],
    ids=["one", "none", "two", "away"],
)
def test_one_worker_shows_the_totals(workers: list[ProcessFacts], level: Level) -> None:
    """Whoever stands by shows none."""
    assert judge_workers(workers).level == level


@pytest.mark.parametrize(
    ("group", "level"),
    [
        (GroupFacts("Stable", 2), Level.OK),
        (GroupFacts("PreparingRebalance", 2), Level.WARNING),
        (GroupFacts("Empty", 0), Level.FAULT),
        (GroupFacts("Dead", 0), Level.FAULT),
    ],
)
def test_a_group_is_judged_by_its_members(group: GroupFacts, level: Level) -> None:
    """Nobody records while it is empty."""
    assert judge_group("consumers", group, "onboarding consume").level == level


@pytest.mark.parametrize(("free", "level"), [(10**9, Level.OK), (10**9 - 1, Level.WARNING), (10**8 - 1, Level.FAULT)])
def test_a_disk_that_fills_up_is_told(free: int, level: Level) -> None:
    """Before it is full."""
    assert judge_room("var", free).level == level


async def test_pages_are_read_as_they_are() -> None:
    """A program that is none of ours has no metrics page."""
    application = web.Application()
    application.router.add_get("/readyz", say("working\n"))
    application.router.add_get("/metrics", say("{no metrics"))
    async with TestServer(application) as server:
        found = await read_process("consumer", str(server.make_url("")).rstrip("/"), "onboarding consume", "X")
    assert (found.readiness, found.page) == (Answer(200, "working\n"), None)


async def test_a_process_that_is_away_has_no_answers(unused_tcp_port: int) -> None:
    """It is no error of the doctor."""
    found = await read_process("consumer", f"http://127.0.0.1:{unused_tcp_port}", "onboarding consume", "X")
    assert (found.readiness, found.page) == (None, None)


def test_a_setting_is_told_with_where_it_comes_from(tmp_path: Path) -> None:
    """The environment goes before the file of a run; passwords are left out."""
    (tmp_path / ADDRESSES_FILE).write_text("ONBOARDING_AUDIT_PORT=1\nONBOARDING_CONSUMER_PORT=2\n", encoding="utf-8")
    environment = {
        "DATABASE_URL": "postgresql://who:secret@db:5432/ledger?password=secret",
        "ONBOARDING_CONSUMER_PORT": "3",
        "PATH": "/bin",
    }
    settings = Settings(
        database_url=environment["DATABASE_URL"],
        onboarding_state_dir=tmp_path,
        onboarding_consumer_port=3,
    )
    told = [finding.describe() for finding in judge_settings(settings, environment)]
    assert told[0] == "setting DATABASE_URL: postgresql://db:5432/ledger (from the environment)"
    assert told[1].endswith(f"(from {tmp_path / ADDRESSES_FILE})")
    assert told[2] == "setting ONBOARDING_CONSUMER_PORT: 3 (from the environment)"
    assert "secret" not in "".join(told)
    assert len(told) == 4


def test_a_slip_of_the_pen_in_a_setting_is_told() -> None:
    """A setting that is ignored is the hardest to find."""
    found = list(judge_settings(Settings(), {"ONBOARDING_TOTAL_URL": "x", "ONBOARDING_HEALTH_URL": "y"}))
    assert [finding.check for finding in found if finding.level == Level.WARNING] == ["setting ONBOARDING_TOTAL_URL"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://a:b@h:1/metrics", "http://h:1/metrics"),
        ("postgresql://h/l?password=p", "postgresql://h/l"),
        ("3", "3"),
        ("http://a:b@h:1/metrics, http://c:d@i:1/metrics?t=x", "http://h:1/metrics, http://i:1/metrics"),
    ],
)
def test_no_secret_is_shown(value: str, shown: str) -> None:
    """Neither a password nor whose it is."""
    assert hide_secrets(value) == shown


def test_the_exit_code_is_that_of_the_worst() -> None:
    """What was skipped is some other one's fault."""
    levels = {0: [Level.OK, Level.SKIPPED], 1: [Level.OK, Level.WARNING], 2: [Level.WARNING, Level.FAULT]}
    for code, found in levels.items():
        assert exit_code_of(Finding("x", level, "") for level in found) == code
