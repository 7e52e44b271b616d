"""Both ways of decoding asked of the same records: by columns, and one by one."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

import numpy as np

from models.calendar import moment_of
from models.catalogue import Kind
from models.decoding.many_records import RecordColumns, decode_all
from models.decoding.one_record import Counted, decode
from models.decoding.row import Row
from models.outcomes import Refused
from tests.models.mutations import Made, make_record

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


def in_columns(made: Sequence[Made]) -> RecordColumns:
    """Return records as a client of Kafka delivers them."""
    size = len(made)
    keys, values, headers, timestamps = ([*column] for column in zip(*made, strict=True)) if made else ([], [], [], [])
    numbers = (np.arange(FIRST_OFFSET, FIRST_OFFSET + size), np.array(timestamps, np.int64))
    return RecordColumns(np.full(size, PARTITION), keys, values, headers, *numbers)


def together(kind: Kind, made: Sequence[Made]) -> Outcome:
    """Return what is made of them by columns."""
    facts, refused = decode_all(kind.topic, in_columns(made))
    return Outcome(list(facts), facts.count_alike(), refused)


def find_difference(kind: Kind, seed: int) -> str:
    """Return the records of a seed over which both ways differ; "" where they do not."""
    made = make_batch(kind, Random(f"{kind.name} {seed}"))  # noqa: S311 - test data, no secret
    alone, all_ = one_by_one(kind, made), together(kind, made)
    return "" if alone == all_ else f"{kind.name}, seed {seed}: {alone}\nagainst {all_}\nof {made}"
