"""A profile is divided as its table says, and what the table does not know is named."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

import pytest

from benchmarks.measure.trial import Measured
from benchmarks.stages.costs import split_profile, split_servers
from benchmarks.stages.profile import ROOT, read_profile
from benchmarks.stages.spy import SpyError, spy
from benchmarks.stages.table import (
    ANNOUNCE,
    CALLER,
    COMMIT,
    DECODE,
    FAUST,
    FETCH,
    FIND,
    INNERMOST,
    INSERT,
    JUDGE,
    LOOP,
    OTHER,
    PLACES,
    SHARED,
    STAGES,
    VALIDATE,
    WAITING,
    Row,
)

OUR_FOLDERS = ("models", "brokers", "consumers", "streams", "monitoring")


def ours(function: str, path: str, line: int = 1) -> str:
    """Return a frame of this project."""
    return f"{function} ({ROOT}/{path}:{line})"


def installed(function: str, path: str) -> str:
    """Return a frame of a package."""
    return f"{function} (/venv/lib/python3.11/site-packages/{path}:1)"


def standard(function: str, path: str) -> str:
    """Return a frame of the standard library."""
    return f"{function} (/usr/lib/python3.11/{path}:1)"


def line_of(path: str, text: str) -> int:
    """Return the number of the line that holds a text."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


LOOP_FRAME = standard("Runner.run", "asyncio/runners.py")
WRITES = ours("Recorder._write", "consumers/recorder.py")
MANY = "models/decoding/many_records.py"
VALIDATES = ours("_check", MANY, line_of(MANY, "def _check("))
SENDS = installed("AIOKafkaConnection.send", "aiokafka/conn.py")
READS = installed("AIOKafkaConnection._read", "aiokafka/conn.py")
SELECTS = standard("EpollSelector.select", "selectors.py")
NEW = ours("new", "consumers/new.py")
PARSES = standard("parse", "json/decoder.py")


@pytest.mark.parametrize(
    ("called", "stage"),
    [
        ((WRITES, VALIDATES), VALIDATE),
        ((WRITES, ours("decode", "models/decoding/one_record.py")), DECODE),
        ((ours("_check", "models/decoding/one_record.py"), ours("in_utc", "models/calendar.py")), DECODE),
        ((ours("Judged.cells", "ledger/batch.py"), ours("count.<locals>.<genexpr>", "models/tally.py")), JUDGE),
        ((WRITES, ours("_find_known", "ledger/facts.py"), installed("fetch", "asyncpg/connection.py")), FIND),
        ((WRITES, ours("_insert", "ledger/facts.py"), standard("UUID.bytes", "uuid.py")), INSERT),
        ((WRITES, ours("_claim", "ledger/recording.py"), "<lambda> (<string>:1)"), COMMIT),
        ((installed("Sender._routine", "aiokafka/producer/sender.py"), SENDS), ANNOUNCE),
        ((READS,), FETCH),
        ((standard("StreamReaderProtocol.data_received", "asyncio/streams.py"),), FETCH),
        ((ours("keep", "streams/topology.py"), installed("Stream._c_aiter", "faust/streams.py")), FAUST),
        ((SELECTS,), WAITING),
        ((), LOOP),
        ((VALIDATES, NEW, PARSES), OTHER),
        ((PARSES,), OTHER),
    ],
)
def test_a_sample_belongs_to_its_innermost_known_place(called: Sequence[str], stage: str) -> None:
    """Clients and the standard library work for whoever calls them; our own new code is nobody's."""
    assert read_profile([f"{';'.join((LOOP_FRAME, *called))} 1"]).stages == {stage: 1}


def test_who_has_started_the_loop_does_none_of_its_work() -> None:
    """Faust's Kafka consumer lives in a thread that mode has started."""
    stack = (
        installed("_start_thread", "mode/threads.py"),
        standard("BaseEventLoop._run_once", "asyncio/base_events.py"),
    )
    assert read_profile([f"{';'.join((*stack, READS))} 1"]).stages == {FETCH: 1}


def test_what_fits_no_stage_is_named() -> None:
    """Who renames a function sees which row of the table no longer fits."""
    assert read_profile([f"{LOOP_FRAME};{NEW};{PARSES} 3"]).strange == {"new (consumers/new.py)": 3}


def test_the_parts_add_up_to_what_the_process_spent() -> None:
    """Waiting is no part, and nothing is lost."""
    stacks = (f"{VALIDATES} 30", f"{LOOP_FRAME} 10", f"{LOOP_FRAME};{PARSES} 10", f"{LOOP_FRAME};{SELECTS} 1000")
    costs = {cost.stage: cost for cost in split_profile("consumer", read_profile(stacks), 10.0, 1_000_000)}
    assert {stage: round(cost.microseconds, 6) for stage, cost in costs.items()} == {VALIDATE: 6, LOOP: 2, OTHER: 2}
    assert costs[OTHER].places == {"parse (json/decoder.py)": 2}


def test_servers_stand_beside_it() -> None:
    """What Kafka and Postgres spend is in no profile of ours."""
    spent = {"processes": 1.0, "kafka": 2.0, "postgres": 4.0}
    measured = Measured("the product", 1, 1_000_000, 10.0, spent, 100.0, 200.0, "")
    assert {cost.process: cost.microseconds for cost in split_servers(measured)} == {"Kafka": 2.0, "Postgres": 4.0}


@pytest.mark.parametrize("row", [*PLACES, *SHARED, *INNERMOST], ids=lambda row: f"{row.path} {row.function}")
def test_every_place_of_the_table_exists(row: Row) -> None:
    """A row that fits nothing any more would hide where the time goes."""
    assert row.stage in {*STAGES, WAITING, CALLER}
    if row.path.split("/")[0] not in OUR_FOLDERS:
        assert PathFinder.find_spec(row.path.split("/")[0].removesuffix(".py"))
        return
    place = ROOT / row.path
    assert place.is_dir() == row.path.endswith("/")
    if row.function:
        assert row.function in set(list_functions(place))
    assert not row.line or line_of(row.path, row.line)


def list_functions(path: Path) -> Iterator[str]:
    """Yield the qualified names of functions and classes of a module."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            children = node.body if isinstance(node, ast.ClassDef) else []
            yield from (f"{node.name}.{child.name}" for child in children if hasattr(child, "name"))


def test_a_process_that_cannot_be_profiled_is_said(tmp_path: Path) -> None:
    """Else a page would have an empty section."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with pytest.raises(SpyError, match=r"x\.log says why"), spy(ended.pid, 100, tmp_path / "x.profile"):
        pass
