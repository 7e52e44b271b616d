"""The lanes of the suite: marks given by themselves, an order, tests that run alone, and what is typed again."""

from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from tests.lanes import MARKERS

pytestmark = pytest.mark.slow
# Each test writes a line when it begins and one when it ends.
SUITE: Final = """
import os, time
from pathlib import Path
import pytest

{mark}

@pytest.mark.parametrize("number", range(6))
def test_it(number):
    name = f"{{Path(__file__).stem}} {{number}}"
    log = os.open(os.environ["LANES_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(log, f"{{name}} begins\\n".encode())
    time.sleep(0.02)
    os.write(log, f"{{name}} ends\\n".encode())
"""
FIXTURE: Final = """
import pytest

@pytest.fixture(scope="session")
def docker_engine():
    return "an engine"

@pytest.fixture
def server(docker_engine):
    return f"a server on {docker_engine}"
"""


@pytest.fixture
def log(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the tests of a suite write when they begin and end; the suite lies in a folder of its own."""
    path = pytester.path / "log"
    pytester.makeini("[pytest]\naddopts = -p tests.lanes -p no:cacheprovider")
    monkeypatch.setenv("LANES_LOG", str(path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    return path


def write_suite(pytester: pytest.Pytester, **marks: str) -> None:
    """Write a file of six tests for each name, with a mark, or none."""
    files = {
        f"test_{name}": SUITE.format(mark=mark and f"pytestmark = [pytest.mark.{mark}]") for name, mark in marks.items()
    }
    pytester.makepyfile(**files)


def test_what_a_mark_means_is_told(pytester: pytest.Pytester, log: Path) -> None:
    """Whoever reads `pytest --markers` knows what to leave out."""
    told = pytester.runpytest_subprocess("--markers")
    told.stdout.fnmatch_lines_random([f"@pytest.mark.{name}: {meaning}." for name, meaning in MARKERS.items()])
    assert not log.exists()


def test_whoever_uses_the_engine_is_marked_by_itself(pytester: pytest.Pytester, log: Path) -> None:
    """By whatever fixture: a mark that one has to think of is forgotten, and then `make unit` needs containers."""
    pytester.makeconftest(FIXTURE)
    pytester.makepyfile("def test_pure(): pass\ndef test_served(server): pass\ndef test_direct(docker_engine): pass")
    for lane, tests in (("engine", {"passed": 2, "deselected": 1}), ("not engine", {"passed": 1, "deselected": 2})):
        pytester.runpytest_subprocess("-m", lane).assert_outcomes(**tests)
    assert not log.exists()


def test_what_takes_long_comes_first_and_what_runs_alone_last(pytester: pytest.Pytester, log: Path) -> None:
    """File by file, else each in its own order; without the engine first, while its images may still be made."""
    pytester.makeconftest(FIXTURE)
    served = "usefixtures('docker_engine')"
    write_suite(pytester, a="", b="alone", c="slow", d=served, e=f"slow, pytest.mark.{served}")
    pytester.runpytest_subprocess().assert_outcomes(passed=30)
    begun = [line.split()[0] for line in log.read_text().splitlines() if line.endswith("begins")]
    assert list(dict.fromkeys(begun)) == ["test_c", "test_e", "test_d", "test_a", "test_b"]


@pytest.mark.parametrize("mark", ["alone", ""])
def test_beside_a_test_that_runs_alone_no_other_one_runs(pytester: pytest.Pytester, log: Path, mark: str) -> None:
    """Three workers would keep both cores busy while it measures; without the mark they do."""
    write_suite(pytester, **{f"file_{number}": mark if number < 4 else "" for number in range(9)})
    pytester.runpytest_subprocess("-n3").assert_outcomes(passed=54)
    lines = log.read_text().splitlines()
    watched = [f"test_file_{number}" for number in range(4)]
    disturbed = [
        begun
        for begun, following in pairwise(lines)
        if begun.endswith("begins") and begun.split()[0] in watched and following != begun.replace("begins", "ends")
    ]
    assert bool(disturbed) is not bool(mark)


def test_a_failed_test_says_what_to_type_to_see_it_again(pytester: pytest.Pytester, log: Path) -> None:
    """As it stands, quoted for a shell; the summary stays the last line."""
    pytester.makepyfile(
        test_it="import pytest\n@pytest.mark.parametrize('x', ['a b'])\ndef test_it(x): assert x == 'c'"
    )
    told = pytester.runpytest_subprocess()
    told.stdout.fnmatch_lines(["*to see it again*", "*python* -m pytest 'test_it.py::test_it[[]a b[]]'", "*1 failed*"])
    assert not log.exists()
