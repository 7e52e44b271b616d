"""The senders: how each is built, once for each content of its sources, in var/interop; nothing else is installed."""

import shutil
import subprocess
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.peers.builds import Report, find_program, made_once, run_step
from tests.interop.clients import REQUIREMENTS, SENDERS

CACHE: Final = Path("var/interop").absolute()
# local: Go would fetch a newer one of itself otherwise, where that is asked for.
_ENVIRONMENT: Final = {"GOTOOLCHAIN": "local"}
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

    def install(folder: Path) -> Sequence[str]:
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--no-input", "--require-hashes"]
        return [*pip, "--requirement", str(REQUIREMENTS)]

    folder = _build("python", "installing into an environment of its own", report, install, REQUIREMENTS)
    return Program([str(folder / "bin" / "python"), str(folder / "send.py")])


def build_java(report: Report) -> Program:
    """Compile the Java sender and fetch its jars. Raises UnavailableError."""
    java, maven = (find_program(name, "install a JDK of at least 17 and Maven") for name in ("java", "mvn"))
    command = [maven, "--batch-mode", "compiler:compile", "dependency:copy-dependencies"]
    folder = _build("java", "building with Maven", report, lambda _folder: command)
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
    return Program([java, quiet, "-cp", f"{folder}/target/classes:{folder}/target/lib/*", "Send"])


def build_go(report: Report) -> Program:
    """Compile the Go sender. Raises UnavailableError."""
    command = [find_program("go", "install Go 1.26"), "build", "-buildvcs=false", "-o", "sender", "."]
    folder = _build("go", "building", report, lambda _folder: command)
    return Program([str(folder / "sender")])


def build_javascript(report: Report) -> Program:
    """Fetch what the JavaScript sender imports. Raises UnavailableError."""
    node, npm = (find_program(name, "install Node.js of at least 20 with npm") for name in ("node", "npm"))
    quiet, told = ("--no-package-lock", "--no-audit", "--no-fund"), ("--loglevel=http", "--foreground-scripts")
    folder = _build("javascript", "installing", report, lambda _folder: [npm, "install", *quiet, *told])
    return Program([node, str(folder / "send.js")], {} if _imports(node, _LZ4, folder) else {"lz4": _NO_LZ4})


def _build(language: str, what: str, report: Report, prepare: Callable[[Path], Sequence[str]], *others: Path) -> Path:
    """Build a sender once for each content of its sources; return the folder it is in. Raises UnavailableError.

    prepare -- returns the command that builds it in a folder which has the sources
    others -- files that the build depends on as well
    """
    sources = sorted(path for path in (SENDERS / language).iterdir() if path.is_file())
    with made_once(CACHE, language, [*sources, *others], report) as (folder, missing):
        if missing:
            report(f"{language}: {what}, once")
            for source in sources:
                shutil.copy(source, folder)
            run_step(prepare(folder), folder, f"{language}: ", report, _ENVIRONMENT)
    return folder


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
