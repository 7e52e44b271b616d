"""How the program of a candidate is started: what must be made for it once, and its command line."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Final, Protocol

from benchmarks.peers.builds import Report, find_program, made_once, run_step

_HERE: Final = Path(__file__).parent
_JAVA: Final = "install a JDK of at least 17 and Maven"


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
        with made_once(cache / "peers", self.package, [pins], report) as (self._folder, missing):
            if missing:
                report(f"{self.package}: installing into an environment of its own, once")
                venv.create(self._folder, with_pip=True)
                pip = [self._python, "-m", "pip", "install", "--no-input", "--require-hashes", "--requirement"]
                run_step([*pip, str(pins)], self._folder, f"{self.package}: ", report)

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
        maven, _ = find_program("mvn", _JAVA), self._java
        with made_once(cache / "peers", self.artifact, sources, report) as (self._folder, missing):
            if missing:
                report(f"{self.artifact}: building with Maven, once")
                for source in sources:
                    shutil.copy(source, self._folder)
                goals = ["compiler:compile", "dependency:copy-dependencies"]
                run_step([maven, "--batch-mode", *goals], self._folder, f"{self.artifact}: ", report)

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
        return find_program("java", _JAVA)
