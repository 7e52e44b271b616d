"""`totals` of a day, as a script reads them: the same numbers in a table, in JSON and in CSV."""

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from models.calendar import day_of
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.system import System


async def test_a_day_is_broken_down_for_a_script(system: System) -> None:
    """Only what happened on that day, whenever it arrived; standard output is a document and nothing else."""
    await record_yesterday(system)
    found = onboarding(system, "totals", "--day", "yesterday", "--by", "province", "--csv")
    assert (found.returncode, found.stderr) == (0, "")
    header, *rows = csv.reader(found.stdout.splitlines())
    assert header == ["kind", "day", "dimension", "value", "name", "facts", "state"]
    day = yesterday()
    assert rows == [
        [IDENTITY_RECORDS.name, day, "province", "01", "Hà Nội", "2", "provisional"],
        [IDENTITY_RECORDS.name, day, "province", "79-2025", "Thành phố Hồ Chí Minh", "1", "provisional"],
        [ACCOUNTS.name, day, "province", "79-2025", "Thành phố Hồ Chí Minh", "1", "provisional"],
    ]
    found = onboarding(system, "totals", "--day", day, "--by", "province", "--json")
    document = json.loads(found.stdout)
    assert (document["day"], document["by"]) == (day, "province")
    assert document["totals"][ACCOUNTS.name] == {"79-2025": {"name": "Thành phố Hồ Chí Minh", "facts": 1}}


async def test_a_day_says_whether_it_may_still_change(system: System) -> None:
    """Of a kind that nothing was ever recorded of it is said so."""
    await record_yesterday(system)
    document = json.loads(onboarding(system, "totals", "--day", "yesterday", "--json").stdout)
    states = {name: (total["facts"], total["state"]) for name, total in document["totals"].items()}
    assert states[IDENTITY_RECORDS.name] == (3, "provisional")
    assert states[LOGINS.name] == (0, "unrecorded")
    assert set(states) == {kind.name for kind in KINDS}
    table = onboarding(system, "totals", "--day", "yesterday")
    assert table.returncode == 0
    assert f"`onboarding why {yesterday()}` tells every change" in table.stdout


async def test_without_postgres_a_script_gets_no_document(system: System) -> None:
    """But 2, and one line that says what to do."""
    away = replace(system, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    for words in (("status",), ("totals", "--day", "today", "--json"), ("totals", "--by", "province", "--csv")):
        found = onboarding(away, *words)
        assert (found.returncode, found.stdout) == (2, "")
        assert found.stderr.count("\n") == 1
        assert "check that" in found.stderr


async def record_yesterday(system: System) -> None:
    """Record some facts of yesterday, and one of another day."""
    system.start("consume")
    at = f"{yesterday()}T09:30:00+07:00"
    await system.publish(
        [
            *(make_record(IDENTITY_RECORDS, time=at) for _ in range(2)),
            make_record(IDENTITY_RECORDS, time=at, data={"province": "79"}),
            make_record(ACCOUNTS, time=at),
            make_record(ACCOUNTS),
        ]
    )
    await system.await_consumed(5)


def yesterday() -> str:
    """Return yesterday in Vietnam."""
    return str(day_of(datetime.now(UTC)) - timedelta(days=1))
