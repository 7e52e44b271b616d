"""Pages of measurements speak of a commit; these are the ones that speak of code which is no longer so."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from onboarding.documents.history import count_commits, is_whole

# 200: as many as a month brings; what was measured is repeated about as often.
COMMITS_MAX: Final = 200
# The code that is measured.
_FOLDERS: Final = (
    *("models", "runtime", "brokers", "ledger", "monitoring", "consumers", "streams", "auditor", "operations"),
    "upstream",
)
RELIABILITY: Final = "docs/reliability.json"
# What makes the results of a file anew.
_REPEATED_BY: Final[Mapping[str, str]] = MappingProxyType(
    {
        RELIABILITY: "`make faults` or `make overload`, and `python -m tests.faults.report docs RESULT.json …`",
        "benchmarks/results/compare.json": "`make bench`",
        "benchmarks/results/latency.json": "`python -m benchmarks latency`",
        "benchmarks/results/curve.json": "`python -m benchmarks curve`",
        "benchmarks/results/stages.json": "`python -m benchmarks stages`",
        "benchmarks/results/nation.json": "`make nation`",
    }
)


def find_old(directory: Path) -> Iterator[str]:
    """Yield a complaint about each result of a commit that is too long ago, or that nobody has.

    Where git does not have every commit nothing can be told, and nothing is.
    """
    if not is_whole(directory):
        return
    for path, command in _REPEATED_BY.items():
        for name, commit in _read_commits(directory / path):
            count = count_commits(directory, commit.removesuffix("+"), _FOLDERS)
            if count is None:
                yield f"{path}: {name} was measured of commit {commit!r}, which is not in this repository"
            elif count > COMMITS_MAX:
                yield (
                    f"{path}: {name} was measured of commit {commit}; {count} commits have changed the code since, "
                    f"{COMMITS_MAX} may: repeat it with {command}"
                )


def _read_commits(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and commit of each result of a file that notes one."""
    content: Any = json.loads(path.read_text(encoding="utf-8"))
    for result in content if isinstance(content, list) else [content]:
        if result.get("commit"):
            yield result.get("name", "it"), result["commit"]
