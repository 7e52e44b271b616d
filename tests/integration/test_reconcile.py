"""What an upstream system never sent is seen by its own counts."""

from pathlib import Path

import pytest

from models.catalogue import IDENTITY_RECORDS, LOGINS
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.system import System

VNEID = "urn:vn:project06:vneid"
HEALTH = "urn:vn:project06:portal:health"
HEADER = "day,source,kind,facts\n"


async def test_what_is_missing_is_shown_by_day_and_source(system: System, tmp_path: Path) -> None:
    """What agrees is not shown unless it is asked for."""
    system.start("consume")
    await system.publish([make_record(LOGINS) for _ in range(3)] + [make_record(LOGINS, source=HEALTH)])
    await system.await_consumed(4)
    file = tmp_path / "counts.csv"
    file.write_text(
        f"{HEADER}2024-06-05,{VNEID},{LOGINS.name},3\n2024-06-05,{HEALTH},{LOGINS.name},6\n"
        f"2024-06-06,{VNEID},{LOGINS.name},0\n2024-06-05,{VNEID},{IDENTITY_RECORDS.name},2\n"
    )
    found = onboarding(system, "reconcile", str(file))
    assert found.returncode == 1
    assert "4 counts, 2 differ: 7 facts missing here, 0 there" in found.stdout
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in found.stdout.splitlines() if "│" in line]
    assert rows == [
        ["2024-06-05", HEALTH, LOGINS.name, "6", "1", "+5"],
        ["2024-06-05", VNEID, IDENTITY_RECORDS.name, "2", "0", "+2"],
    ]
    assert "2024-06-06" in onboarding(system, "reconcile", "--all", str(file)).stdout
    file.write_text(f"{HEADER}2024-06-05,{VNEID},{LOGINS.name},3\n")
    assert onboarding(system, "reconcile", str(file)).returncode == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,facts\n", "line 1: the header must be day,source,kind,facts"),
        (f"{HEADER}2024-06-05,{VNEID},{LOGINS.name}\n", "line 2: 3 values instead of 4"),
        (f"{HEADER}2024-13-05,{VNEID},{LOGINS.name},1\n", "line 2: "),
        (f"{HEADER}2024-06-05,urn:x,{LOGINS.name},1\n", "line 2: the source is no registered upstream system"),
        (f"{HEADER}2024-06-05,{VNEID},logins,1\n", "line 2: the kind must be one of "),
        (f"{HEADER}2024-06-05,{VNEID},{LOGINS.name},-1\n", "line 2: facts must be a whole number"),
    ],
    ids=["header", "values", "day", "source", "kind", "facts"],
)
async def test_a_line_that_is_no_count_is_named(system: System, tmp_path: Path, text: str, said: str) -> None:
    """Before Postgres is asked."""
    file = tmp_path / "counts.csv"
    file.write_text(text)
    found = onboarding(system, "reconcile", str(file))
    assert found.returncode == 2
    assert said in found.stderr
