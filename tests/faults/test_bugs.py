"""A fault run finds a bug that is planted in the processes, and names the fault that has exposed it."""

from pathlib import Path
from typing import Any

import pytest

from tests.faults.bugs import Bug
from tests.faults.faults.consumers import KillConsumer
from tests.faults.hunt import describe
from tests.faults.run import Order, run

pytestmark = pytest.mark.slow

_ORDER = Order(
    name="one fault with a planted bug",
    command="make faults MINUTES=0 FAULTS=1 ARGS='--plant doubled --only SIGKILL'",
    seed=1,
    brokers=1,
    kinds=[KillConsumer],
    faults=1,
    overlap_seconds=0.0,
    bug=Bug.DOUBLED,
)


async def test_a_planted_bug_makes_the_verdict_fail(docker_engine: Any, tmp_path: Path) -> None:
    """A run that praises a consumer that counts a batch twice after a take-over would praise anything."""
    del docker_engine  # needed, not used: it sets the sweeping up
    result = await run(_ORDER, tmp_path, lambda _line: None)
    assert result.doubled > 0
    assert any(line.startswith(KillConsumer.name) for line in result.discrepancies)
    assert any("the tally of" in line for line in result.discrepancies)


def test_only_what_a_fault_has_added_is_said_of_it() -> None:
    """What an earlier fault has brought must not be held against the next."""
    before = {"logins": (3, 0), "records": (0, -1)}
    assert not describe(before, before, "later")
    assert describe(before, {"logins": (5, -4), "records": (0, 0)}, "later") == (
        "later: logins: +2 facts counted, logins: -4 facts shown against those counted"
    )
