"""By columns as one by one: the same verdict, row and counted cell for whatever a record holds, beside any others."""

from dataclasses import replace
from random import Random
from typing import Any, Final

import pytest

from models.catalogue import KINDS, Kind
from models.decoding import many_records
from models.decoding.columns import Facts
from tests.models.both_ways import find_difference, make_batch, one_by_one

# 40 rounds of each kind: some 12,000 records, of which a third are refused. `make fuzz` tries millions.
ROUNDS: Final = 40
# The rarest is met within some hundred rounds.
PLANTED_ROUNDS_MAX: Final = 4_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_by_columns_is_as_one_by_one(kind: Kind) -> None:
    """Of every sort of record, alone and among others."""
    assert [found for seed in range(ROUNDS) if (found := find_difference(kind, seed))] == []


def test_records_that_are_tried_are_of_every_sort() -> None:
    """Equal outcomes of events alone would prove little."""
    made = [each for seed in range(60) for each in make_batch(KINDS[0], Random(f"{KINDS[0].name} {seed}"))]  # noqa: S311
    outcome = one_by_one(KINDS[0], made)
    assert len(outcome.facts) > len(made) / 4
    assert len({refused.reason for _, refused in outcome.refused}) > 20


def _shift(facts: Facts) -> Facts:
    return replace(facts, moments=facts.moments + 1)


def _forget_details(facts: Facts) -> Facts:
    return replace(facts, texts=[*facts.texts[:-1], [None] * len(facts)])


PLANTED: Final[dict[str, Any]] = {
    "a verdict": ("_AHEAD_MAX", 2**62),
    "an earliest time": ("_EARLIEST", 0),
    "a size": ("_PLAIN_BYTES_MAX", 2**30),
    "what is passed over": ("_are_harmless", lambda _values: True),
    "headers": ("_PLAIN_HEADERS", type("Any", (), {"issuperset": lambda _self, _headers: True})()),
    "a row": ("_check", _shift),
    "a detail": ("_check", _forget_details),
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "planted"), PLANTED.values(), ids=PLANTED)
def test_a_planted_difference_is_found(name: str, planted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sort of difference shows in the rounds that the test above makes."""
    original = many_records._check  # noqa: SLF001 - what is planted changes what this returns
    if name == "_check":
        monkeypatch.setattr(
            many_records, name, lambda *told: facts and planted(facts) if (facts := original(*told)) else facts
        )
    else:
        monkeypatch.setattr(many_records, name, planted)
    assert any(find_difference(KINDS[0], seed) for seed in range(PLANTED_ROUNDS_MAX))
