"""The schema of the ledger as numbered migrations: which there are."""

from pathlib import Path
from typing import Final

VERSIONS: Final = [Path(__file__).parent / "versions"]
_DIGITS: Final = 4


def newest_revision() -> str:
    """Return the version of the schema that this program makes."""
    return max(path.name[:_DIGITS] for folder in VERSIONS for path in folder.glob(f"{'[0-9]' * _DIGITS}_*.py"))
