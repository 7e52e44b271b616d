"""The migrations are found wherever this program lies."""

import shutil
from pathlib import Path

import pytest

from consumers import migrations


@pytest.mark.parametrize("folder", ["a %d", "%(here)s", "a:b", "blank and 'quote'", "Việt Nam"])
def test_migrations_are_found_in_any_folder(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alembic reads its settings as those of an INI file, in which some letters mean something."""
    newest = migrations.newest_revision()
    here = tmp_path / folder
    shutil.copytree(Path(migrations.__file__).parent, here, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrations, "_HERE", here)
    monkeypatch.setattr(migrations, "VERSIONS", [here / "versions"])
    assert newest
    assert migrations.newest_revision() == newest
