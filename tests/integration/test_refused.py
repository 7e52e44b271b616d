"""Nothing refused is lost: it is listed, shown without what is personal, exported, and put through again, once."""

import asyncio
import json
import stat
from base64 import b64decode
from pathlib import Path

import asyncpg

from ledger.decisions.replay import ACCEPTED, replay
from models.catalogue import IDENTITY_RECORDS, LOGINS
from models.outcomes import Duplicate, Reason
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.laws import find_drifts
from tests.integration.older import PORTAL
from tests.integration.system import System, wait_for_total
from upstream.publishing.outgoing import Outgoing

NUMBER = "001099123456"


def customs_login() -> Outgoing:
    """Return a login to the portal that the older version does not know."""
    return make_record(LOGINS, data={"portal": PORTAL})


async def refuse(system: System, records: list[Outgoing]) -> None:
    """Let a consumer of the older version record, and end it."""
    older = system.start_module("consume", "tests.integration.older")
    before = await system.consumed()
    await system.publish(records)
    await system.await_consumed(before + len(records))
    assert older.end() == 0


async def read_ids(system: System) -> list[int]:
    """Return the ids of refused records, oldest first."""
    return [row[0] for row in await system.fetch("SELECT id FROM refused ORDER BY id")]


async def test_what_a_newer_version_takes_is_counted_once_however_often_it_is_replayed(system: System) -> None:
    """The total follows by itself, every law holds, and the record says who did it, when, and what came of it."""
    await refuse(system, [customs_login(), customs_login(), make_record(LOGINS)])
    system.start("consume")
    worker = system.start("total")
    await wait_for_total(worker, LOGINS, 1)
    first = onboarding(system, "refused", "replay", "--all", "--by", "An", "--reason", Reason.PORTAL_UNKNOWN)
    assert (first.returncode, first.stdout) == (0, "2 accepted\n"), first.stderr
    await wait_for_total(worker, LOGINS, 3)
    ids = await read_ids(system)
    again = onboarding(system, "refused", "replay", *map(str, ids))
    assert (again.returncode, again.stdout) == (0, "2 accepted, resolved before\n")
    rows = await system.fetch("SELECT resolved_by, outcome, resolved_at <= now() FROM refused")
    assert [tuple(row) for row in rows] == [("An", ACCEPTED, True)] * 2
    assert await find_drifts(system, worker) == []
    assert [tuple(row) for row in await system.fetch("SELECT count(*) FROM portal_logged_in")] == [(3,)]


async def test_two_who_replay_the_same_at_once_count_it_once(system: System) -> None:
    """The second waits for the first and finds it resolved."""
    await refuse(system, [customs_login()])
    (refused_id,) = await read_ids(system)
    connections = [await asyncpg.connect(system.database_url) for _ in range(8)]
    outcomes = await asyncio.gather(*(replay(connection, refused_id, "An") for connection in connections))
    for connection in connections:
        await connection.close()
    assert sorted(outcome.is_news for outcome in outcomes) == [False] * 7 + [True]
    assert {outcome.outcome for outcome in outcomes} == {ACCEPTED}
    (row,) = await system.fetch("SELECT sum(consumed), sum(accepted), sum(refused), count(*) FROM progress")
    assert tuple(row)[:3] == (1, 1, 0)


async def test_what_was_published_again_meanwhile_is_a_duplicate(system: System) -> None:
    """Its upstream system mended it first: the fact is there already."""
    record = customs_login()
    await refuse(system, [record])
    system.start("consume")
    await system.publish([record])
    await system.await_consumed(2)
    done = onboarding(system, "refused", "replay", "--all")
    assert (done.returncode, done.stdout) == (0, f"1 {Duplicate.RETRY}\n"), done.stderr
    (row,) = await system.fetch("SELECT sum(consumed), sum(accepted), sum(retries), sum(refused) FROM progress")
    assert tuple(row) == (2, 1, 1, 0)


async def test_what_is_refused_still_or_was_masked_stays_and_says_so(system: System) -> None:
    """Nothing is written for it, and the exit code tells a script."""
    system.start("consume")
    broken = Outgoing(LOGINS.topic, b"5d" * 32, b"{")
    await system.publish([broken, make_record(IDENTITY_RECORDS, data={"desk": f"số {NUMBER}"})])
    await system.await_consumed(2)
    done = onboarding(system, "refused", "replay", "--all")
    assert done.returncode == 1
    assert "1 still refused: not_json: " in done.stdout
    assert "1 still refused: something of it was masked or withheld" in done.stdout
    (row,) = await system.fetch("SELECT sum(accepted), sum(refused) FROM progress")
    assert tuple(row) == (0, 2)


async def test_an_unknown_id_is_said(system: System) -> None:
    """And a wrong way to name the records."""
    await refuse(system, [])
    unknown = onboarding(system, "refused", "replay", "4711")
    assert (unknown.returncode, unknown.stderr) == (2, "Error: no refused record has the id 4711\n")
    assert onboarding(system, "refused", "replay").returncode == 2
    assert onboarding(system, "refused", "show", "4711").returncode == 2


async def test_refused_records_are_listed_by_whatever_is_asked(system: System) -> None:
    """By source too: it says whose fault it is."""
    system.start("consume")
    own = make_record(LOGINS, type="vn.project06.unheard.of.v1", source="urn:vn:project06:portal:health")
    await system.publish([own, Outgoing(IDENTITY_RECORDS.topic, b"5d" * 32, b"{")])
    await system.await_consumed(2)
    everything = onboarding(system, "refused", "list")
    assert everything.returncode == 1
    assert "urn:vn:project06:portal:health" in everything.stdout
    assert "unknown" in everything.stdout
    for chosen in (
        ["--reason", Reason.NOT_JSON],
        ["--topic", IDENTITY_RECORDS.topic],
        ["--source", "unknown"],
        ["--unresolved", "--reason", Reason.NOT_JSON],
    ):
        listed = onboarding(system, "refused", "list", "--each", *chosen).stdout
        assert (Reason.NOT_JSON in listed, Reason.TYPE_UNKNOWN in listed) == (True, False), chosen
    for nothing in (["--since", "2100-01-01"], ["--until", "2020-01-01T00:00"], ["--resolved"]):
        assert onboarding(system, "refused", "list", *nothing).returncode == 0, nothing


async def test_a_record_is_shown_without_what_is_personal_and_exported_to_its_owner(
    system: System, tmp_path: Path
) -> None:
    """Free texts show their shape, and the file is closed to others."""
    system.start("consume")
    record = make_record(IDENTITY_RECORDS, time="2024-13-01T00:00:00+07:00", data={"desk": "Bà Nguyễn Thị B"})
    await system.publish([record])
    await system.await_consumed(1)
    (refused_id,) = await read_ids(system)
    shown = onboarding(system, "refused", "show", str(refused_id)).stdout
    assert "refused: time_invalid (time)" in shown
    assert 'data.desk: "Aa Aaaaaa Aaa A"' in shown
    assert record.key
    assert record.key.decode() not in shown
    path = tmp_path / "refused.jsonl"
    assert onboarding(system, "refused", "export", str(path)).returncode == 0
    (line,) = path.read_text().splitlines()
    assert b64decode(json.loads(line)["value"]) == record.value
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert onboarding(system, "refused", "export", str(path)).returncode == 2
