"""How the program of a candidate is started: what must be made for it once, and its command line."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

from onboarding.embedded.errors import read_log_tail
from onboarding.embedded.locks import wait_for_lock
from onboarding.embedded.processes import start_child, stop_child

Report = Callable[[str], None]

_HERE: Final = Path(__file__).parent
# 3 s: a person sees that a download goes on.
_REPORT_SECONDS: Final = 3.0
_LINE_LENGTH_MAX: Final = 80
# 5 s: Maven and pip end at once when they are asked to.
_STOP_SECONDS_MAX: Final = 5.0


class UnavailableError(Exception):
    """A candidate cannot be had on this machine; the message says why and where its log is."""


class Launcher(Protocol):
    """A way to start programs."""

    def build(self, cache: Path, report: Report) -> None:
        """Make what is missing, in a folder that is kept. Raises UnavailableError."""

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line that starts a program with its arguments; after `build`."""

    def read_versions(self) -> dict[str, str]:
        """Return the versions of what matters, by its name; after `build`."""


@dataclass(frozen=True)
class OwnPython:
    """Modules of this environment."""

    package: str

    def build(self, cache: Path, report: Report) -> None:
        """Make nothing: this environment is there."""

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line of a module."""
        return [sys.executable, "-m", *arguments]

    def read_versions(self) -> dict[str, str]:
        """Return the version of the package that matters."""
        return {self.package: version(self.package)}


@dataclass
class OtherPython:
    """Modules of this repository, in an environment of their own made from a list of pinned packages in this folder."""

    package: str
    pins: str
    _folder: Path = field(default=Path(), init=False)

    def build(self, cache: Path, report: Report) -> None:
        """Make the environment and install the packages."""
        pins = _HERE / self.pins
        with _made_once(cache, self.package, [pins], report) as (self._folder, missing):
            if missing:
                report(f"{self.package}: installing into an environment of its own, once")
                venv.create(self._folder, with_pip=True)
                pip = [self._python, "-m", "pip", "install", "--no-input", "--require-hashes", "--requirement"]
                _run([*pip, str(pins)], self._folder, f"{self.package}: ", report)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line of a module."""
        return [self._python, "-m", *arguments]

    def read_versions(self) -> dict[str, str]:
        """Return the version of the package that matters."""
        (found,) = self._folder.glob(f"lib/*/site-packages/{self.package}-*.dist-info")
        return {self.package: found.stem.removeprefix(f"{self.package}-")}

    @property
    def _python(self) -> str:
        return str(self._folder / "bin" / "python")


@dataclass
class Maven:
    """Java classes of a folder beside this file, built with its pom.xml."""

    artifact: str
    source: str
    _folder: Path = field(default=Path(), init=False)

    def build(self, cache: Path, report: Report) -> None:
        """Compile the classes and fetch their jars."""
        sources = sorted((_HERE / self.source).iterdir())
        maven, _ = _find("mvn"), self._java
        with _made_once(cache, self.artifact, sources, report) as (self._folder, missing):
            if missing:
                report(f"{self.artifact}: building with Maven, once")
                for source in sources:
                    shutil.copy(source, self._folder)
                goals = ["compiler:compile", "dependency:copy-dependencies"]
                _run([maven, "--batch-mode", *goals], self._folder, f"{self.artifact}: ", report)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command line of a main class, which logs warnings and errors."""
        class_path = f"{self._folder}/target/classes:{self._folder}/target/lib/*"
        return [self._java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", class_path, *arguments]

    def read_versions(self) -> dict[str, str]:
        """Return the versions of the artifact and of Java."""
        (found,) = self._folder.glob(f"target/lib/{self.artifact}-[0-9]*.jar")
        asked = subprocess.run([self._java, "-version"], capture_output=True, text=True, check=True)  # noqa: S603 - Java itself
        return {self.artifact: found.stem.removeprefix(f"{self.artifact}-"), "Java": asked.stderr.split('"')[1]}

    @cached_property
    def _java(self) -> str:
        return _find("java")


def _find(program: str) -> str:
    """Return the path of a program. Raises UnavailableError."""
    found = shutil.which(program)
    if not found:
        raise UnavailableError(f"{program} is not on this machine: install a JDK of at least 17 and Maven")
    return found


@contextmanager
def _made_once(cache: Path, name: str, sources: Sequence[Path], report: Report) -> Iterator[tuple[Path, bool]]:
    """Give the folder that belongs to this content of the sources, and whether it is still to be made."""
    digest = sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    folder = cache / "peers" / f"{name}-{digest[:12]}"
    with wait_for_lock(cache / "peers" / f"{name}.lock", report):
        made = folder / "made"
        missing = not made.exists()
        if missing:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        yield folder, missing
        made.touch()


def _run(command: Sequence[str], folder: Path, head: str, report: Report) -> None:
    """Run a command in a folder, reporting every few seconds what it says. Raises UnavailableError."""
    log_path = folder / "build.log"
    child = start_child(command, log_path=log_path, cwd=folder)
    try:
        while _is_running(child):
            report(head + read_log_tail(log_path).splitlines()[-1][:_LINE_LENGTH_MAX])
    finally:
        stop_child(child, _STOP_SECONDS_MAX)
    if child.returncode:
        raise UnavailableError(f"{head}cannot be built (exit code {child.returncode}), see {log_path}")


def _is_running(child: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process still runs after a few seconds."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(_REPORT_SECONDS)
    return child.returncode is None
