"""Kafka's jars are fetched once, checked, and never half there."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.embedded.jars import Progress, provide_jars, read_locked_jars
from onboarding.local.embedded.relock import COORDINATES

pytestmark = pytest.mark.slow

LOST = next(jar for jar in read_locked_jars() if "slf4j-simple" in jar.coordinate)
PATH_IN_REPOSITORY = f"org/slf4j/slf4j-simple/1.7.36/{LOST.file_name}"


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line for each on the terminal."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Provide a package registry on loopback: its folder, and how it is named to jgo."""
    folder = tmp_path / "repository"
    (folder / PATH_IN_REPOSITORY).parent.mkdir(parents=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # seconds within which it ends
        thread.start()
        yield folder, {"test": f"http://127.0.0.1:{server.server_port}"}
        server.shutdown()
        thread.join()


@pytest.fixture
def gap(tmp_path: Path, cache_dir: Path) -> Path:
    """Return a cache in which one jar is damaged."""
    provide_jars(cache_dir, print)
    shutil.copytree(cache_dir / "kafka-jars", tmp_path / "cache" / "kafka-jars")
    (tmp_path / "cache" / "kafka-jars" / LOST.file_name).write_bytes(bytes(LOST.size_bytes))
    return tmp_path / "cache"


def test_only_the_damaged_jar_is_fetched_again(
    gap: Path, cache_dir: Path, repository: tuple[Path, dict[str, str]], said: list[str]
) -> None:
    """An interrupted or damaged cache heals at the cost of what is missing, and it is said."""
    folder, address = repository
    shutil.copyfile(cache_dir / "kafka-jars" / LOST.file_name, folder / PATH_IN_REPOSITORY)
    provide_jars(gap, said.append, address)
    assert LOST.is_at(gap / "kafka-jars" / LOST.file_name)
    assert [line.split(",")[0] for line in said] == ["Kafka: fetching 1 jars"]


def test_jar_with_other_content_is_never_kept(gap: Path, repository: tuple[Path, dict[str, str]]) -> None:
    """What runs is what was locked, to the byte: the right size is not enough."""
    folder, address = repository
    (folder / PATH_IN_REPOSITORY).write_bytes(b"x" * LOST.size_bytes)
    with pytest.raises(EmbeddedServerError, match=r"slf4j-simple:1\.7\.36 could not be fetched: its content is not"):
        provide_jars(gap, print, address)
    assert not LOST.is_at(gap / "kafka-jars" / LOST.file_name)


def test_absent_registry_is_told_with_the_way_out(gap: Path) -> None:
    """A machine behind a wall has a broker elsewhere."""
    with pytest.raises(EmbeddedServerError, match=r"HTTPS_PROXY.*or set KAFKA_BOOTSTRAP_SERVERS"):
        provide_jars(gap, print, {"test": "http://127.0.0.1:1"})  # port 1: nothing listens there


def test_locked_list_holds_what_it_was_made_from() -> None:
    """A changed version without a new list would run the old one."""
    assert set(COORDINATES) <= {jar.coordinate for jar in read_locked_jars()}


def test_progress_is_told_in_steps_of_time(said: list[str]) -> None:
    """Nothing a person waits for is silent, and a fast network does not flood the terminal."""
    times = iter([0.0, 1.0, 2.5, 2.5, 3.0])
    progress = Progress(4_000_000, said.append, lambda: next(times))
    for _ in range(3):
        progress.add(1_000_000)
    assert said == ["Kafka: 2 of 4 MB"]
