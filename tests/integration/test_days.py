"""Days are provisional until they are closed; every later change is told with before, after and why."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from aiokafka import TopicPartition

from ledger.day_closing import close_days
from models.calendar import day_of
from models.catalogue import IDENTITY_RECORDS, KINDS, LOGINS
from operations.why import State, Story, read_stories, read_usual
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.system import Process, System, wait_until

DAY = date(2024, 6, 5)  # of every event that the tests make, unless they say another
EMPTY = date(2024, 6, 6)


async def record(system: System, number: int, **attributes: object) -> None:
    """Publish identity records and wait until they are recorded."""
    before = await system.consumed()
    await system.publish([make_record(IDENTITY_RECORDS, **attributes) for _ in range(number)])
    await system.await_consumed(before + number)


async def close(system: System, last: date = EMPTY) -> int | None:
    """Close the days of the identity records."""
    connection = await asyncpg.connect(system.database_url)
    try:
        return await close_days(connection, IDENTITY_RECORDS.topic, last, {})
    finally:
        await connection.close()


async def story(system: System, day: date = DAY) -> Story:
    """Return the story of the identity records of a day."""
    return next(each for each in await read_stories(system.database_url, day) if each.kind is IDENTITY_RECORDS)


def closed_until(auditor: Process) -> float | None:
    """Return what the auditor shows of the identity records."""
    return auditor.value("onboarding_closed_day_timestamp_seconds", topic=IDENTITY_RECORDS.topic)


async def test_the_auditor_closes_what_is_over_and_leaves_what_may_still_change(system: System) -> None:
    """A day without any event, too; today and the three days before stay open."""
    system.start("consume")
    today = day_of(datetime.now(UTC))
    open_since = datetime.now(UTC) - timedelta(days=3)
    await record(system, 3)
    await record(system, 1, time=open_since.isoformat())
    auditor = system.start("audit")
    wait_until(lambda: closed_until(auditor) is not None, "days are closed")
    assert ((await story(system)).closed, (await story(system, EMPTY)).closed) == (3, 0)
    assert (await story(system, today - timedelta(days=4))).closed == 0
    assert (await story(system, day_of(open_since))).closed is None
    assert (await story(system, today)).closed is None
    shown = onboarding(system, "why", str(day_of(open_since)))
    assert f"{IDENTITY_RECORDS.name} on {day_of(open_since)}: 1 (provisional, it may still change)" in shown.stdout


async def test_of_a_day_before_the_first_nothing_is_said_to_come(system: System) -> None:
    """It is never closed, so it is not provisional either; a kind of which nothing is known has no days at all."""
    system.start("consume")
    await record(system, 1)
    assert await close(system) == 2
    before = DAY - timedelta(days=1)
    assert [(await story(system, day)).state for day in (before, DAY)] == [State.UNRECORDED, State.FINAL]
    told = onboarding(system, "why", str(before))
    assert told.returncode == 0, told.stderr
    assert told.stdout.count("(nothing was ever recorded of this day or one before it)") == len(KINDS)
    today = onboarding(system, "why", "today").stdout
    assert f"{IDENTITY_RECORDS.name} on {day_of(datetime.now(UTC))}: 0 (provisional, it may still change)" in today
    assert today.count("nothing was ever recorded") == len(KINDS) - 1


async def test_a_closed_day_is_shown_beside_what_is_usual_for_its_weekday(system: System) -> None:
    """The median of four weeks, once there are four; of a day that is open only what is usual is known."""
    system.start("consume")
    last = day_of(datetime.now(UTC)) - timedelta(days=4)
    for week, number in enumerate((1, 2, 3, 4, 9)):
        day = last - timedelta(weeks=week)
        await record(system, number, time=f"{day}T12:00:00+07:00")
    auditor = system.start("audit")
    kind = IDENTITY_RECORDS.name
    wait_until(lambda: auditor.value("onboarding_closed_day_facts", kind=kind) is not None, "a day is closed")
    assert auditor.value("onboarding_closed_day_facts", kind=kind) == 1
    assert auditor.value("onboarding_closed_day_usual_facts", kind=kind) == 3.5
    connection = await asyncpg.connect(system.database_url)
    try:
        assert await read_usual(connection, IDENTITY_RECORDS, last - timedelta(weeks=1)) == (2, None)
        assert await read_usual(connection, IDENTITY_RECORDS, last + timedelta(days=1)) == (None, 0)
    finally:
        await connection.close()


async def test_what_comes_late_is_one_restatement_however_many_batches_bring_it(system: System) -> None:
    """Before, after and why are on one screen, and add up to today's number."""
    system.start("consume")
    await record(system, 5)
    assert await close(system) == 2
    for _ in range(3):
        await record(system, 10)
    await record(system, 1, time="2024-06-05T16:59:59.999999Z")
    await record(system, 1, time="2024-06-05T17:00:00Z")
    told = onboarding(system, "why", str(DAY))
    today = day_of(datetime.now(UTC))
    assert told.returncode == 0, told.stderr
    lines = [line for line in told.stdout.splitlines() if line.startswith((f"{IDENTITY_RECORDS.name} ", "  "))]
    assert lines[0] == f"{IDENTITY_RECORDS.name} on {DAY}: 36 (final)"
    assert lines[1].endswith("(Vietnam) with 5")
    assert lines[2] == f"  restated on {today}: 5 -> 36 (+31), late"
    other = await story(system, EMPTY)
    assert (other.closed, other.facts, [each.facts for each in other.restatements]) == (0, 1, [1])


async def test_a_correction_tells_what_the_day_was_not_closed_with(system: System) -> None:
    """A tally that was changed by hand and mended is no news; a fact that is gone from the ledger is."""
    system.start("consume")
    worker = system.start("total")
    await record(system, 2)
    await close(system)
    await system.fetch("UPDATE tally SET facts = facts - 1 WHERE dimension = 'all' AND facts > 0")
    assert not (await story(system)).adds_up
    assert onboarding(system, "why", str(DAY)).returncode == 1
    told = onboarding(system, "recount", worker=worker)
    (line,) = [line for line in told.stdout.splitlines() if f"closed_day {IDENTITY_RECORDS.topic} day {DAY}" in line]
    facts = (await story(system)).facts  # 1 where both records came to one partition, else 0
    assert line.endswith(f": tallies {facts}, closed with, and told since, 2")
    assert "type next: onboarding rebuild --why" in told.stdout
    assert await tell_wrong(system, worker) == {"why", "day", "totals", "status", "doctor"}
    assert onboarding(system, "rebuild", "--why", "ticket 4711").returncode == 0
    assert onboarding(system, "recount", worker=worker).returncode == 0
    assert await tell_wrong(system, worker) == set()
    mended = await story(system)
    assert (mended.facts, mended.restatements, mended.adds_up) == (2, [], True)
    await system.fetch("DELETE FROM identity_record_received WHERE kafka_offset = 0")
    assert onboarding(system, "rebuild", "--why", "ticket 4712").returncode == 0
    found = await story(system)
    (restated,) = found.restatements
    assert (restated.why, found.adds_up) == ("the tallies were rebuilt: ticket 4712", True)
    assert found.facts == 2 + restated.facts < 2


async def tell_wrong(system: System, worker: Process) -> set[str]:
    """Return which commands call a number of the day wrong, though nobody recounts for them."""
    asked = {
        "why": ["why", str(DAY)],
        "day": ["totals", "--day", str(DAY)],
        "totals": ["totals"],
        "status": ["status"],
        "doctor": ["doctor"],
    }
    said = {name: onboarding(system, *words, worker=worker) for name, words in asked.items()}
    marks = ("known to differ since the recount of", "cells differed at the recount of")
    return {name for name, told in said.items() if any(mark in told.stdout + told.stderr for mark in marks)}


@pytest.mark.parametrize("waiting", [0, 1])
async def test_no_day_is_closed_while_records_wait(system: System, waiting: int) -> None:
    """What Kafka held when it was asked must be recorded."""
    consumer = system.start("consume")
    await record(system, 1)
    assert consumer.end() == 0
    query = "SELECT kafka_partition, next_offset FROM progress WHERE topic = $1"
    rows = await system.fetch(query, IDENTITY_RECORDS.topic)
    ends = {TopicPartition(IDENTITY_RECORDS.topic, row[0]): row[1] + waiting for row in rows}
    connection = await asyncpg.connect(system.database_url)
    closed = await close_days(connection, IDENTITY_RECORDS.topic, EMPTY, ends)
    await connection.close()
    assert closed == (None if waiting else 2)


async def test_a_recount_on_schedule_shows_and_names_what_differs(system: System) -> None:
    """Somebody changed a tally: the metric tells it, and the log names the cell."""
    system.start("consume")
    worker = system.start("total")
    await record(system, 2)
    url = f"http://127.0.0.1:{worker.port}/metrics"
    auditor = system.start("audit", ONBOARDING_TOTALS_URL=url, ONBOARDING_RECOUNT_HOURS="0.0005")

    def drifts(kind: str) -> float | None:
        return auditor.value("onboarding_recount_drift_cells", kind=kind)

    wait_until(lambda: drifts(IDENTITY_RECORDS.name) == 0, "the ledger is found clean")
    await system.fetch("UPDATE tally SET facts = facts + 1 WHERE dimension = 'channel'")
    wait_until(lambda: (drifts(IDENTITY_RECORDS.name) or 0) > 0, "the drift is found")
    assert drifts(LOGINS.name) == 0
    log = (system.folder / f"audit-{auditor.port}.log").read_text()
    assert "channel=commune-desk" in log


async def test_days_are_those_of_vietnam_wherever_processes_and_server_are(system: System) -> None:
    """Both at the far ends of the world's clocks; the boundaries are at 17:00 UTC, and years late is not too late."""
    name = system.database_url.rsplit("/", 1)[1]
    await system.fetch(f"ALTER DATABASE \"{name}\" SET timezone TO 'Pacific/Kiritimati'")
    system.start("consume", TZ="Pacific/Pago_Pago")
    worker = system.start("total", TZ="Pacific/Kiritimati")
    await record(system, 1, time="2017-02-28T16:59:59.999999Z")
    await record(system, 2, time="2017-02-28T17:00:00Z")
    await record(system, 4, time="2017-03-01T23:59:59.999999+07:00")
    assert [(await story(system, date(2017, 2, 28))).facts, (await story(system, date(2017, 3, 1))).facts] == [1, 6]
    assert await close(system, date(2017, 3, 1)) == 2
    await record(system, 1, time="2017-02-28T12:00:00Z")
    (late,) = (await story(system, date(2017, 2, 28))).restatements
    assert (late.facts, late.restated_on) == (1, day_of(datetime.now(UTC)))
    assert onboarding(system, "recount", worker=worker).returncode == 0
