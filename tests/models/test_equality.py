"""By columns as one by one: the same verdict, row and counted cell for whatever a record holds, beside any others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any, Final, NamedTuple

import numpy as np
import pytest

from models.calendar import moment_of
from models.catalogue import KINDS, Kind
from models.decoding import many_records
from models.decoding.columns import Facts
from models.decoding.many_records import RecordColumns, decode_all
from models.decoding.one_record import Counted, decode
from models.decoding.row import Row
from models.outcomes import Refused
from tests.models.mutations import Made, make_record

# 40 rounds of each kind: some 12,000 records, of which a third are refused. `make fuzz` tries millions.
ROUNDS: Final = 40
# The rarest is met within some hundred rounds.
PLANTED_ROUNDS_MAX: Final = 4_000
FIRST_OFFSET: Final = 1_000
PARTITION: Final = 3


class Outcome(NamedTuple):
    """What became of records: rows of facts, how they are counted, and what is refused."""

    facts: list[Row]
    counted: Counter[Counted]
    refused: list[tuple[int, Refused]]


def make_batch(kind: Kind, random: Random) -> list[Made]:
    """Return records of a kind, a few or many, of which few, half or all are changed."""
    share, size = random.choice([0.02, 0.1, 0.5, 1.0]), random.choice([1, 2, 5, 17, 40, 130])
    return [make_record(kind, random, share) for _record in range(size)]


def one_by_one(kind: Kind, made: Sequence[Made]) -> Outcome:
    """Return what `decode` says of each."""
    outcome = Outcome([], Counter(), [])
    for place, (key, value, headers, timestamp) in enumerate(made):
        appended_at = moment_of(timestamp)
        said = decode(kind.topic, key, value, headers, appended_at)
        if isinstance(said, Refused):
            outcome.refused.append((place, said))
        else:
            of_record = (PARTITION, FIRST_OFFSET + place, appended_at)
            outcome.facts.append((said.key, said.event_id, *said.content, *of_record))
            outcome.counted[said.counted] += 1
    return outcome


def together(kind: Kind, made: Sequence[Made]) -> Outcome:
    """Return what is made of them by columns."""
    size = len(made)
    keys, values, headers, timestamps = ([*column] for column in zip(*made, strict=True))
    numbers = (np.arange(FIRST_OFFSET, FIRST_OFFSET + size), np.array(timestamps, np.int64))
    facts, refused = decode_all(kind.topic, RecordColumns(np.full(size, PARTITION), keys, values, headers, *numbers))
    return Outcome(list(facts), facts.count_alike(), refused)


def find_difference(kind: Kind, seed: int) -> str:
    """Return the records of a seed over which both ways differ; "" where they do not."""
    made = make_batch(kind, Random(f"{kind.name} {seed}"))  # noqa: S311 - test data, no secret
    alone, all_ = one_by_one(kind, made), together(kind, made)
    return "" if alone == all_ else f"{kind.name}, seed {seed}: {alone}\nagainst {all_}\nof {made}"


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
