"""Each thing that can be wrong with Postgres is planted once."""

from typing import Any

import pytest

from operations.doctor.findings import Finding, Level
from operations.doctor.postgres_checks import PostgresFacts, judge_postgres

FACTS = PostgresFacts(
    version="18.6",
    major=18,
    standby=False,
    fsync="on",
    full_page_writes="on",
    synchronous_commit="on",
    time_zone="GMT",
    encoding="UTF8",
    oldest_transaction=200_000_000,
    bytes=99_000_000,
    revision="0009",
    clock_ahead_seconds=0.2,
    newest_ahead_seconds=-60.0,
)


def judge(**changed: Any) -> dict[str, Finding]:
    """Return the findings about a Postgres as it should be but for what is given."""
    return {finding.check: finding for finding in judge_postgres(FACTS._replace(**changed), "0009")}


def test_a_postgres_as_it_should_be_is_ok() -> None:
    """Only Kafka's clock cannot be asked for."""
    found = judge()
    assert {finding.level for finding in found.values()} == {Level.OK, Level.SKIPPED}
    assert found["Postgres"].text == "version 18.6, the ledger's database has 99 MB"
    assert "GMT" in found["time zone"].text


@pytest.mark.parametrize(
    ("changed", "check", "level", "told"),
    [
        ({"standby": True}, "Postgres", Level.FAULT, "promote"),
        ({"major": 15}, "Postgres", Level.WARNING, "version 18: upgrade"),
        ({"revision": None}, "schema", Level.FAULT, "has version none, this program needs 0009"),
        ({"revision": "0008"}, "schema", Level.FAULT, "onboarding consume"),
        ({"fsync": "off"}, "durability", Level.FAULT, "set fsync to on"),
        ({"full_page_writes": "off"}, "durability", Level.FAULT, "onboarding recount"),
        ({"synchronous_commit": "off"}, "durability", Level.WARNING, "set synchronous_commit to on"),
        ({"encoding": "LATIN1"}, "encoding", Level.FAULT, "createdb --encoding=UTF8"),
        ({"oldest_transaction": 1_500_000_000}, "transactions", Level.FAULT, "1,500,000,000 transactions ago"),
        ({"clock_ahead_seconds": -6.0}, "clock", Level.WARNING, "6.0 s behind this one; let NTP"),
        ({"clock_ahead_seconds": 301.0}, "clock", Level.FAULT, "301.0 s ahead of this one"),
        ({"newest_ahead_seconds": 6.0}, "clock of Kafka", Level.FAULT, "6.0 s after now"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(changed: dict[str, Any], check: str, level: Level, told: str) -> None:
    """Each check fires, and no other one does."""
    found = judge(**changed)
    assert (found[check].level, told in found[check].describe()) == (level, True)
    assert {name for name, finding in found.items() if finding.level in {Level.WARNING, Level.FAULT}} == {check}


@pytest.mark.parametrize(
    ("changed", "check", "level"),
    [
        ({"revision": "0010"}, "schema", Level.OK),
        ({"newest_ahead_seconds": None}, "clock of Kafka", Level.SKIPPED),
        ({"newest_ahead_seconds": 0.1}, "clock of Kafka", Level.OK),
        ({"synchronous_commit": "remote_apply"}, "durability", Level.OK),
    ],
)
def test_what_is_only_different_is_not_told(changed: dict[str, Any], check: str, level: Level) -> None:
    """A newer program may run beside this one."""
    assert judge(**changed)[check].level == level
