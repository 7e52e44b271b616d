"""Ledgers are filled only where the disk has room for them."""

from pathlib import Path

import pytest

from benchmarks.curve.ledgers import DiskShortError, check_disk
from benchmarks.stage.prefill import Filling

FOLDER = Path("data")
FILLINGS = (Filling(0, "v7"), Filling(50_000_000, "v7"), Filling(50_000_000, "v4"))


def test_a_short_disk_is_told_with_what_is_missing_where() -> None:
    """Two ledgers of 50 million facts and a copy take 34.5 GB, and 10 GB are for all else."""
    with pytest.raises(DiskShortError, match="need 44 GB in data, 44 GB are free") as caught:
        check_disk(FILLINGS, FOLDER, 44_000_000_000)
    assert "--rows" in str(caught.value)


def test_a_disk_with_room_is_fine() -> None:
    """What fits is filled."""
    check_disk(FILLINGS, FOLDER, 45_000_000_000)


def test_empty_ledgers_need_no_room() -> None:
    """Axes without a filled ledger run on a small disk."""
    check_disk([Filling(0, "v7")], FOLDER, 0)
