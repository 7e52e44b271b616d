"""Result files, as the pages about them read them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.page.text import wrap

RESULTS: Final = Path(__file__).parents[1] / "results"
# In the order of the page.
NAMES: Final = ("compare", "latency", "curve", "stages", "nation")


@dataclass(frozen=True)
class Result:
    """What a command has measured, and what it depends on.

    measured -- as the command has written it
    missing -- what could not be measured on that machine, by its name, and why
    """

    at: str
    commit: str  # "" in files that do not say it
    machine: str
    versions: Mapping[str, str]
    measured: Any
    missing: Mapping[str, str]

    @property
    def cores(self) -> int:
        """How many processors the machine has."""
        return int(self.machine.split(maxsplit=1)[0])

    def describe(self) -> str:
        """Say when, where and with what it was measured."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        of = f" of commit {self.commit}" if self.commit else ""
        return wrap(f"Measured on {self.at[:10]}{of} on {self.machine}; {versions}.")


Results = Mapping[str, Result]


def read_results(folder: Path) -> dict[str, Result]:
    """Return the results that there are, by the name of the command."""
    paths = {name: folder / f"{name}.json" for name in NAMES}
    return {name: _read(path) for name, path in paths.items() if path.exists()}


def _read(path: Path) -> Result:
    content = json.loads(path.read_text(encoding="utf-8"))
    versions = {"Python": content["python"], **content["packages"]}
    at, commit, machine = content["at"], content.get("commit", ""), content["machine"]
    return Result(at, commit, machine, versions, content["measured"], content.get("missing", {}))
