"""Peers: they are there, they are what they say they are, and none of their processes is left behind."""

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.candidates import ALL, BARE_LOOP, FLINK, KAFKA_STREAMS, PEERS, Candidate
from benchmarks.measure.crew import running
from benchmarks.measure.page import find_totals
from benchmarks.peers import launchers
from benchmarks.peers.builds import Report
from models.catalogue import KINDS
from onboarding.local.embedded.jars import read_locked_jars
from operations.scrape import parse_scrape

_PEERS = Path(launchers.__file__).parent
# 20 s: an interpreter starts in a tenth of one.
_SECONDS_MAX = 20.0


class _Script:
    """Starts Python with a script."""

    def build(self, cache: Path, report: Report) -> None:
        """Make nothing."""

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line of a script."""
        return [sys.executable, "-c", *arguments]

    def read_versions(self) -> dict[str, str]:
        """Name nothing."""
        return {}


@pytest.mark.parametrize("candidate", ALL, ids=lambda candidate: candidate.name)
def test_every_candidate_has_its_programs(candidate: Candidate) -> None:
    """A renamed module would be noticed only after the others have been measured for half an hour."""
    for program in filter(None, (candidate.worker, *candidate.companions)):
        if isinstance(candidate.launcher, launchers.Maven):
            assert (_PEERS / candidate.launcher.source / f"{program[0]}.java").exists()
        else:
            assert find_spec(program[0])


def test_every_peer_says_what_it_lacks() -> None:
    """A figure beside the product's is unfair to the product without it."""
    assert all(candidate.lacks for candidate in (BARE_LOOP, *PEERS))


def test_kafka_streams_is_as_new_as_the_broker() -> None:
    """Versions that drift apart would compare an old library with a new broker."""
    broker = next(jar.coordinate for jar in read_locked_jars() if ":kafka-clients:" in jar.coordinate)
    pom = (_PEERS / "kafka_streams" / "pom.xml").read_text(encoding="utf-8")
    assert re.findall(r"<artifactId>kafka-streams</artifactId>\s*<version>(.*)</version>", pom) == [
        broker.split(":")[2]
    ]


@pytest.mark.parametrize("candidate", [KAFKA_STREAMS, FLINK], ids=lambda candidate: candidate.name)
def test_java_peers_name_no_moving_version(candidate: Candidate) -> None:
    """A range or a snapshot would measure something else tomorrow."""
    assert isinstance(candidate.launcher, launchers.Maven)
    pom = (_PEERS / candidate.launcher.source / "pom.xml").read_text(encoding="utf-8")
    assert not re.search(r"<version>[^<]*(SNAPSHOT|LATEST|RELEASE|[\[(,])", pom)


def test_a_process_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    """A trial would wait for a dead candidate otherwise."""
    candidate = Candidate(name="a dead one", launcher=_Script(), worker=("import sys; sys.exit('no such topic')",))
    with running(candidate, 1, {}, tmp_path) as crew:
        crew.children[0][0].wait(_SECONDS_MAX)
        assert re.search(r"exit code 1.*a-dead-one-0\.log.*no such topic", crew.describe_end(), re.DOTALL)


def test_no_process_is_left_behind_when_a_trial_fails(tmp_path: Path) -> None:
    """A candidate that goes on would take its share of the processors from the next one."""
    candidate = Candidate(name="a busy one", launcher=_Script(), worker=("import time; time.sleep(1000)",))
    with suppress(ZeroDivisionError), running(candidate, 2, {}, tmp_path) as crew:
        assert len(crew.children) == 2
        raise ZeroDivisionError
    assert all(child.returncode is not None for child, _ in crew.children)
    assert not (tmp_path / "state").exists()


def test_a_total_that_is_not_shown_is_missing() -> None:
    """The sum of the others could be the right one by accident."""
    page = "".join(f"# TYPE {kind.metric} counter\n{kind.metric} {number}.0\n" for number, kind in enumerate(KINDS, 1))
    shown = {kind.name: number for number, kind in enumerate(KINDS, 1)}
    assert find_totals(parse_scrape(page)) == shown
    without_last = page.partition(f"# TYPE {KINDS[-1].metric}")[0]
    assert find_totals(parse_scrape(without_last)) == {kind.name: shown[kind.name] for kind in KINDS[:-1]}
