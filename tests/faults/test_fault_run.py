"""A minute and a half of faults on the whole system: nothing is lost, counted twice, or shown wrongly meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from tests.faults.faults.brokers import KillBroker
from tests.faults.faults.consumers import FreezeConsumer, KillConsumer
from tests.faults.faults.postgres import KillDatabase, LoseCommitAnswer
from tests.faults.faults.stream_workers import KillWorker
from tests.faults.run import Order, run

pytestmark = pytest.mark.slow

# Killed: each kind of process and each kind of server; and the two faults that lead to double counting most easily.
_KINDS = (KillConsumer, KillWorker, KillBroker, KillDatabase, FreezeConsumer, LoseCommitAnswer)
_ORDER = Order(
    name="a minute and a half of faults on one broker",
    command="make test ARGS=tests/faults/test_fault_run.py",
    seed=4,
    brokers=1,
    kinds=_KINDS,
    faults=len(_KINDS),
    overlap_seconds=15.0,
)


async def test_nothing_is_lost_or_doubled_through_faults(
    docker_engine: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Six kinds of faults one after the other, then on top of each other; a checker of its own compares everything."""
    del docker_engine  # needed, not used: it sets the sweeping up

    def print_line(text: str) -> None:
        with capsys.disabled():
            print(text)  # noqa: T201 - a test of minutes tells how far it is

    print_line("")
    result = await run(_ORDER, tmp_path, print_line)
    assert result.discrepancies == []
    assert (result.lost, result.doubled, result.lost_by_kafka) == (0, 0, 0)
    assert (result.dips, result.doubles) == (0, 0)
    timed = [outcome for outcome in result.outcomes if outcome.phase == "sequential"]
    assert {outcome.fault for outcome in timed if outcome.effect} == {kind.name for kind in _KINDS}
    assert result.facts > 0
