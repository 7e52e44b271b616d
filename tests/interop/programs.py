"""The senders: how each is built, once for each content of its sources, in var/interop; nothing else is installed."""

import shutil
import subprocess
import venv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.peers.builds import Report, find_program, made_once, run_step
from tests.interop.clients import REQUIREMENTS, SENDERS

CACHE: Final = Path("var/interop").absolute()
_LZ4: Final = "kafkajs-lz4"
_NO_LZ4: Final = (
    f"{_LZ4} cannot be imported: its native part needs make, Python and a C++ compiler where it is installed"
)


@dataclass(frozen=True, slots=True)
class Program:
    """A sender that can be started.

    command -- its command line, without its two arguments
    lacking -- the codecs that cannot be had on this machine, each with the reason
    """

    command: Sequence[str]
    lacking: Mapping[str, str] = field(default_factory=dict)


def build_python(report: Report) -> Program:
    """Make an environment of its own for the Python sender. Raises UnavailableError."""
    with made_once(CACHE, "python", [*_sources("python"), REQUIREMENTS], report) as (folder, missing):
        python = str(folder / "bin" / "python")
        if missing:
            report("python: installing into an environment of its own, once")
            venv.create(folder, with_pip=True)
            _copy(_sources("python"), folder)
            pip = [python, "-m", "pip", "install", "--no-input", "--require-hashes", "--requirement"]
            run_step([*pip, str(REQUIREMENTS)], folder, "python: ", report)
    return Program([python, str(folder / "send.py")])


def build_java(report: Report) -> Program:
    """Compile the Java sender and fetch its jars. Raises UnavailableError."""
    java, maven = (find_program(name, "install a JDK of at least 17 and Maven") for name in ("java", "mvn"))
    with made_once(CACHE, "java", _sources("java"), report) as (folder, missing):
        if missing:
            report("java: building with Maven, once")
            _copy(_sources("java"), folder)
            goals = ["compiler:compile", "dependency:copy-dependencies"]
            run_step([maven, "--batch-mode", *goals], folder, "java: ", report)
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
    return Program([java, quiet, "-cp", f"{folder}/target/classes:{folder}/target/lib/*", "Send"])


def build_go(report: Report) -> Program:
    """Compile the Go sender. Raises UnavailableError."""
    go = find_program("go", "install Go 1.26")
    with made_once(CACHE, "go", _sources("go"), report) as (folder, missing):
        if missing:
            report("go: building, once")
            _copy(_sources("go"), folder)
            # local: Go would fetch a newer one of itself otherwise, where that is asked for.
            run_step(
                [go, "build", "-buildvcs=false", "-o", "sender", "."], folder, "go: ", report, {"GOTOOLCHAIN": "local"}
            )
    return Program([str(folder / "sender")])


def build_javascript(report: Report) -> Program:
    """Fetch what the JavaScript sender imports. Raises UnavailableError."""
    node, npm = (find_program(name, "install Node.js of at least 20 with npm") for name in ("node", "npm"))
    with made_once(CACHE, "javascript", _sources("javascript"), report) as (folder, missing):
        if missing:
            report("javascript: installing, once")
            _copy(_sources("javascript"), folder)
            install = [
                npm,
                "install",
                "--no-package-lock",
                "--no-audit",
                "--no-fund",
                "--loglevel=http",
                "--foreground-scripts",
            ]
            run_step(install, folder, "javascript: ", report)
    return Program([node, str(folder / "send.js")], {} if _imports(node, _LZ4, folder) else {"lz4": _NO_LZ4})


def _imports(node: str, package: str, folder: Path) -> bool:
    """Tell whether Node.js can import a package: npm goes on when the native part of an optional one fails."""
    tried = [node, "--input-type=module", "--eval", f"await import('{package}')"]
    return subprocess.run(tried, cwd=folder, capture_output=True, check=False).returncode == 0


BUILDS: Final[Mapping[str, Callable[[Report], Program]]] = {
    "python": build_python,
    "java": build_java,
    "go": build_go,
    "javascript": build_javascript,
}


def _sources(language: str) -> list[Path]:
    return sorted(path for path in (SENDERS / language).iterdir() if path.is_file())


def _copy(sources: Iterable[Path], folder: Path) -> None:
    for source in sources:
        shutil.copy(source, folder)
