"""What was counted before the stream began is shown apart and in the sum, and nothing of it counts twice."""

from pathlib import Path

import pytest

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS, Kind
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.laws import find_drifts
from tests.integration.system import Process, System, total_of, wait_for_total, wait_until

LAST = "2024-06-05"  # the last day of the balance; events are of this day unless they say another
SET = ("opening-balance", "set", ACCOUNTS.name, "--as-of", LAST, "--source", "report 12", "--by", "An")
WITH_OPENING = ACCOUNTS.metric_with_opening


async def activate(system: System, number: int, **attributes: object) -> None:
    """Publish accounts and wait until they are recorded."""
    before = await system.consumed()
    await system.publish([make_record(ACCOUNTS, **attributes) for _ in range(number)])
    await system.await_consumed(before + number)


def wait_for_sum(worker: Process, facts: int) -> None:
    """Wait until the sum of opening balance and stream is shown."""
    wait_until(lambda: worker.value(WITH_OPENING) == facts, f"the sum is {facts}")


async def test_facts_on_days_of_the_balance_are_in_the_sum_once_whenever_they_come(system: System) -> None:
    """Before it is recorded and after; those of later days are added; the stream's own total is what it was."""
    system.start("consume")
    worker = system.start("total")
    await activate(system, 3)
    assert onboarding(system, *SET, "--facts", "1000").returncode == 0
    wait_for_sum(worker, 1000)
    await activate(system, 2, time="2024-06-05T16:59:59.999999Z")
    await activate(system, 4, time="2024-06-05T17:00:00Z")
    wait_for_sum(worker, 1004)
    await wait_for_total(worker, ACCOUNTS, 9)
    assert worker.value(ACCOUNTS.metric_opening) == 1000
    assert onboarding(system, "recount", worker=worker).returncode == 0
    await system.fetch("UPDATE opening_balance SET figures = jsonb_set(figures, '{facts,all,\"\"}', '1001')")
    told = onboarding(system, "recount", worker=worker).stdout
    assert f"metric {WITH_OPENING} all: ledger 1005, metric 1004" in told
    await system.fetch("UPDATE opening_balance SET figures = jsonb_set(figures, '{facts,all,\"\"}', '1000')")
    assert worker.value(IDENTITY_RECORDS.metric_opening) is None
    assert await find_drifts(system, worker) == []


async def test_a_balance_by_province_is_summed_by_province(system: System, tmp_path: Path) -> None:
    """Provinces that only one of both knows are there as well."""
    file = tmp_path / "provinces.csv"
    file.write_text("province,facts\n01,600\n48,400\n")
    system.start("consume")
    worker = system.start("total")
    await activate(system, 2, time="2024-06-08T00:00:00Z", data={"province": "01"})
    await activate(system, 1, time="2024-06-08T00:00:00Z", data={"province": "79"})
    await activate(system, 5, data={"province": "01"})
    done = onboarding(system, *SET, "--facts", "1000", "--by-province", str(file))
    assert done.returncode == 0, done.stderr
    wait_for_sum(worker, 1003)
    metric = ACCOUNTS.metric_with_opening_by("province")
    shown = {each: worker.value(metric, province=each) for each in ("01", "48", "79")}
    assert shown == {"01": 602, "48": 400, "79": 1}


async def test_a_later_version_supersedes_and_may_be_taken_back(system: System) -> None:
    """Who, when and why stay; the sum follows, down as well."""
    system.start("consume")
    worker = system.start("total")
    await activate(system, 1, time="2024-06-08T00:00:00Z")
    assert onboarding(system, *SET, "--facts", "1000").returncode == 0
    wait_for_sum(worker, 1001)
    assert onboarding(system, *SET, "--facts", "900").returncode == 0
    wait_for_sum(worker, 901)
    words = ("opening-balance", "remove", ACCOUNTS.name, "--why", "a mistake", "--by", "Binh")
    assert onboarding(system, *words).returncode == 0
    wait_until(lambda: worker.value(WITH_OPENING) is None, "no sum is shown")
    assert total_of(worker, ACCOUNTS) == 1
    assert onboarding(system, *words).returncode == 2
    listed = onboarding(system, "opening-balance", "list").stdout
    assert "superseded by Binh" in listed
    assert "superseded by An" in listed
    assert len(await system.fetch("SELECT FROM ledger_epoch WHERE begun_by IN ('An', 'Binh')")) == 3


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (ACCOUNTS, "province,facts\n01,999\n", "the provinces add up to 999, not to 1,000"),
        (ACCOUNTS, "place,facts\n", "line 1: the header must be province,facts"),
        (ACCOUNTS, "province,facts\n00,1\n", "line 2: not a province"),
        (ACCOUNTS, "province,facts\n01,-1\n", "line 2: not a province"),
        (ACCOUNTS, "province,facts\n01,500\n01,500\n", "a province stands there twice"),
        (LOGINS, "province,facts\n01,1000\n", "portal_logins are not counted by province"),
    ],
    ids=["sum", "header", "province", "number", "twice", "kind"],
)
async def test_figures_that_do_not_fit_are_refused(
    system: System, tmp_path: Path, kind: Kind, text: str, said: str
) -> None:
    """With nothing recorded."""
    file = tmp_path / "provinces.csv"
    file.write_text(text)
    words = ("opening-balance", "set", kind.name, "--as-of", LAST, "--source", "x", "--facts", "1000")
    done = onboarding(system, *words, "--by-province", str(file))
    assert done.returncode == 2
    assert said in done.stderr
