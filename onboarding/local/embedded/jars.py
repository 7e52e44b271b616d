"""Kafka's jars: fetched once through jgo, checked against the locked list, kept in the cache for every clone."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import requests
from jgo.maven import MavenContext, PythonResolver

from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.embedded.locks import wait_for_lock

LOCK_NAME = "kafka-jars.lock"
# 60 s without a byte: longer than a registry's slow moment, short enough that a dead network is told.
TIMEOUT_SECONDS = 60
# 3: a cut connection is common on the first start of a fresh machine, three in a row are a fault to be told.
ATTEMPTS_MAX = 3
# 2 s: a person who waits sees the download move, a log file does not fill.
REPORT_INTERVAL_SECONDS = 2.0


@dataclass(frozen=True)
class Jar:
    """A line of the locked list."""

    coordinate: str
    size_bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The file's name in the cache, with the version, so that old and new live side by side."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"

    def is_at(self, path: Path) -> bool:
        """Tell whether `path` holds this jar, whole and unchanged."""
        if not path.is_file() or path.stat().st_size != self.size_bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


class Progress:
    """Tells a person how far the download is, at most every REPORT_INTERVAL_SECONDS."""

    def __init__(
        self, total_bytes: int, report: Callable[[str], None], read_clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total_bytes = total_bytes
        self._done_bytes = 0
        self._report = report
        self._read_clock = read_clock
        self._reported_at = read_clock()

    def add(self, count: int) -> None:
        """Note `count` more bytes."""
        self._done_bytes += count
        if self._read_clock() - self._reported_at >= REPORT_INTERVAL_SECONDS:
            self._reported_at = self._read_clock()
            self._report(f"Kafka: {_megabytes(self._done_bytes)} of {_megabytes(self._total_bytes)} MB")

    @contextmanager
    def follow(self, _file_name: str, _size_bytes: int) -> Iterator[Callable[[int], None]]:
        """Follow one file, in the form jgo asks for."""
        yield self.add


def read_locked_jars() -> list[Jar]:
    """Return the list that `relock` made."""
    text = resources.files("onboarding.local.embedded").joinpath(LOCK_NAME).read_text(encoding="ascii")
    fields = (line.split() for line in text.splitlines())
    return [Jar(coordinate, int(size), sha256) for coordinate, size, sha256 in fields]


def provide_jars(
    cache_dir: Path, report: Callable[[str], None], remote_repositories: dict[str, str] | None = None
) -> list[Path]:
    """Return the paths of all jars, fetching what is missing or damaged (44 MB the first time).

    A jar appears in the cache whole and checked or not at all, so an interrupted download goes on where it was,
    and two processes wait for each other. `remote_repositories` (name: address) replaces Maven Central.
    """
    folder = cache_dir / "kafka-jars"
    jars = read_locked_jars()
    with wait_for_lock(folder / "lock", report):
        missing = [jar for jar in jars if not jar.is_at(folder / jar.file_name)]
        if missing:
            _fetch_all(missing, folder, report, remote_repositories)
    return [folder / jar.file_name for jar in jars]


def _fetch_all(
    missing: list[Jar], folder: Path, report: Callable[[str], None], remote_repositories: dict[str, str] | None
) -> None:
    """Fetch jar after jar, telling how far it is."""
    total_bytes = sum(jar.size_bytes for jar in missing)
    report(f"Kafka: fetching {len(missing)} jars, {_megabytes(total_bytes)} MB, once; they stay in {folder}")
    resolver = PythonResolver(progress_callback=Progress(total_bytes, report).follow)
    for jar in missing:
        _fetch(jar, folder, resolver, remote_repositories)


def _fetch(jar: Jar, folder: Path, resolver: PythonResolver, remote_repositories: dict[str, str] | None) -> None:
    """Put one jar into the folder, trying again when the network or the bytes are bad."""
    reason = ""
    for _ in range(ATTEMPTS_MAX):
        try:
            fetched = _download(jar, folder / "partial", resolver, remote_repositories)
        except (requests.RequestException, RuntimeError) as error:
            reason = str(error)
            continue
        if jar.is_at(fetched):
            fetched.replace(folder / jar.file_name)
            return
        reason = "its content is not the locked one"
    raise EmbeddedServerError(
        f"{jar.coordinate} could not be fetched: {reason}. Check the network (HTTPS_PROXY is respected) and start "
        "again, what is there is kept; or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs already"
    )


def _download(jar: Jar, folder: Path, resolver: PythonResolver, remote_repositories: dict[str, str] | None) -> Path:
    """Download into an emptied folder: jgo takes any file it finds there for whole."""
    shutil.rmtree(folder, ignore_errors=True)
    context = MavenContext(
        resolver=resolver,
        repo_cache=folder,
        local_repos=[],
        remote_repos=remote_repositories,
        timeout=TIMEOUT_SECONDS,
    )
    path: Path = context.create_dependency(jar.coordinate).artifact.resolve()
    return path


def _megabytes(count: int) -> int:
    """Return whole megabytes, as a person reads them."""
    return round(count / 1_000_000)
