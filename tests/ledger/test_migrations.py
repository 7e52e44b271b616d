"""The migrations are found wherever this program lies."""

import shutil
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from ledger.migrations import apply, newest_revision


@pytest.mark.parametrize("folder", ["a %d", "%(here)s", "a:b", "blank and 'quote'", "Việt Nam"])
def test_migrations_are_found_in_any_folder(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alembic reads its settings as those of an INI file, in which some letters mean something."""
    here = tmp_path / folder
    shutil.copytree(Path(apply.__file__).parent, here, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(apply, "_HERE", here)
    monkeypatch.setattr(apply, "VERSIONS", [here / "versions"])
    assert _head_of_alembic() == newest_revision()


def _head_of_alembic() -> str | None:
    return ScriptDirectory.from_config(apply._configure()).get_current_head()  # noqa: SLF001 - as `migrate` does
