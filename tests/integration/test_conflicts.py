"""Conflicts are shown side by side and decided by a person; the count that follows is right, and never dips."""

import asyncio

import pytest

from ledger.decisions.settle_conflict import Resolution
from models.catalogue import IDENTITY_RECORDS, LOGINS
from tests.integration.commands import onboarding
from tests.integration.events import make_event, make_record, to_record
from tests.integration.laws import find_drifts, prove_rising, watch
from tests.integration.system import Process, System, total_of, wait_for_total, wait_until

FIRST, LATER = "01", "79"  # Hà Nội, Thành phố Hồ Chí Minh
BY_PROVINCE = IDENTITY_RECORDS.metric_by("province")


async def make_conflict(system: System) -> int:
    """Publish a record, then another of the same number from another province on another day; return the id."""
    event = make_event(IDENTITY_RECORDS, data={"province": FIRST, "desk": "Bà Nguyễn Thị B"})
    changed = {"time": "2024-06-07T23:30:00+07:00", "data": event["data"] | {"province": LATER}}
    later = make_event(IDENTITY_RECORDS) | changed
    before = await system.consumed()
    await system.publish([to_record(IDENTITY_RECORDS, event)])
    await system.await_consumed(before + 1)
    await system.publish([to_record(IDENTITY_RECORDS, later)])
    await system.await_consumed(before + 2)
    return int((await system.fetch("SELECT max(id) FROM duplicate WHERE duplicate = 'conflict'"))[0][0])


def by_province(worker: Process) -> dict[str, float | None]:
    """Return what is shown of the two provinces."""
    return {province: worker.value(BY_PROVINCE, province=province) for province in (FIRST, LATER)}


async def test_the_later_record_is_counted_in_the_place_of_the_first(system: System) -> None:
    """Its day and its province; the total stays, what was said before is kept, and every law holds."""
    system.start("consume")
    worker = system.start("total")
    conflict = str(await make_conflict(system))
    await wait_for_total(worker, IDENTITY_RECORDS, 1)
    done = onboarding(system, "conflicts", "resolve", conflict, "--later", "--why", "letter of 3 May", "--by", "An")
    assert (done.returncode, done.stdout) == (0, f"{conflict}: the later record was taken; final, by An\n"), done.stderr
    wait_until(lambda: by_province(worker)[LATER] == 1, "the other province is shown")
    assert not by_province(worker)[FIRST]
    assert total_of(worker, IDENTITY_RECORDS) == 1
    assert await find_drifts(system, worker) == []
    (fact,) = await system.fetch("SELECT province, occurred_at::text FROM identity_record_received")
    assert tuple(fact) == (LATER, "2024-06-07 16:30:00+00")
    (kept,) = await system.fetch("SELECT resolved_by, why, resolution, replaced ->> 'province' FROM duplicate")
    assert tuple(kept) == ("An", "letter of 3 May", Resolution.LATER_TAKEN, FIRST)
    (epoch,) = await system.fetch("SELECT begun_by, why FROM ledger_epoch ORDER BY epoch DESC LIMIT 1")
    assert tuple(epoch) == ("An", "a conflict was resolved: letter of 3 May")


async def test_the_first_record_stands(system: System) -> None:
    """Nothing is counted anew; the decision is kept, and is final."""
    system.start("consume")
    worker = system.start("total")
    conflict = str(await make_conflict(system))
    assert onboarding(system, "conflicts", "list").returncode == 1
    words = ("conflicts", "resolve", conflict, "--first", "--why", "the later one was a test")
    assert onboarding(system, *words).returncode == 0
    again = onboarding(system, *words)
    assert again.returncode == 2
    assert "was resolved before: first_stands" in again.stderr
    assert onboarding(system, "conflicts", "list").returncode == 0
    assert "the first record stands" in onboarding(system, "conflicts", "list", "--resolved").stdout
    await wait_for_total(worker, IDENTITY_RECORDS, 1)
    assert by_province(worker)[FIRST] == 1
    assert await find_drifts(system, worker) == []


@pytest.mark.parametrize("resolved", [False, True])
async def test_both_records_are_shown_side_by_side_without_what_is_personal(system: System, *, resolved: bool) -> None:
    """Before and after the decision the same two."""
    system.start("consume")
    conflict = str(await make_conflict(system))
    if resolved:
        onboarding(system, "conflicts", "resolve", conflict, "--later", "--why", "x")
    shown = " ".join(onboarding(system, "conflicts", "show", conflict).stdout.split())
    assert "│ province │ 01 │ 79 │ differs │" in shown
    assert "│ counts on │ 2024-06-05 │ 2024-06-07 │ differs │" in shown
    assert "│ citizen │ a citizen │ another one │ differs │" in shown
    assert "Nguyễn" not in shown
    rows = await system.fetch("SELECT encode(subject, 'hex') FROM identity_record_received")
    assert rows[0][0] not in shown


async def test_an_unknown_conflict_is_said(system: System) -> None:
    """And a decision that is none."""
    consumer = system.start("consume")
    assert consumer.end() == 0
    assert onboarding(system, "conflicts", "show", "4711").returncode == 2
    assert onboarding(system, "conflicts", "resolve", "4711", "--first", "--why", "x").returncode == 2
    assert onboarding(system, "conflicts", "resolve", "4711", "--why", "x").returncode == 2


async def test_no_total_dips_while_conflicts_are_decided_under_traffic(system: System) -> None:
    """Each decision begins an epoch; two consumers go on recording through all of them."""
    system.start("consume")
    worker = system.start("total")
    system.start("consume")
    conflicts = [await make_conflict(system) for _ in range(3)]
    await wait_for_total(worker, IDENTITY_RECORDS, 3)
    await system.publish([make_record(LOGINS)])
    await wait_for_total(worker, LOGINS, 1)
    logins = 1
    async with watch(lambda: (total_of(worker, IDENTITY_RECORDS), total_of(worker, LOGINS))) as seen:
        for conflict in conflicts:
            await system.publish([make_record(LOGINS) for _ in range(50)])
            logins += 50
            words = ("conflicts", "resolve", str(conflict), "--later", "--why", "x")
            done = await asyncio.to_thread(onboarding, system, *words)
            assert done.returncode == 0, done.stderr
        await wait_for_total(worker, LOGINS, logins)
        wait_until(lambda: by_province(worker)[LATER] == 3, "all decisions are shown")
    assert {records for records, _ in seen} == {3.0}
    prove_rising([logins for _, logins in seen])
    assert await find_drifts(system, worker) == []
