"""What git knows of the code that something was measured of."""

import subprocess
from collections.abc import Iterable
from pathlib import Path


def read_commit() -> str:
    """Return the commit that is run, with a "+" where something is changed; empty where git knows of none."""
    here = Path()
    return _ask(here, "rev-parse", "--short", "HEAD") + ("+" if _ask(here, "status", "--porcelain") else "")


def is_whole(directory: Path) -> bool:
    """Tell whether every commit is here; not in a copy without git, and not in a shallow clone."""
    return _ask(directory, "rev-parse", "--is-shallow-repository") == "false"


def count_commits(directory: Path, since: str, folders: Iterable[str]) -> int | None:
    """Return how many commits changed folders after a commit; None where there is no such commit."""
    told = _ask(directory, "rev-list", "--count", f"{since}..HEAD", "--", *folders)
    return int(told) if told else None


def _ask(directory: Path, *words: str) -> str:
    """Return what git says; nothing where it refuses."""
    asked = ["git", "-C", str(directory), *words]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603 - our words
