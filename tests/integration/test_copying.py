"""What is copied as bytes is what the row says, in every table and column; what is known is told by its place."""

from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np

from ledger.facts import record_facts
from ledger.migrations.apply import migrate
from models.catalogue import KINDS, Kind
from models.decoding.columns import Facts, join
from models.decoding.many_records import RecordColumns, decode_all
from models.decoding.row import Row, described_by
from models.outcomes import Duplicate
from tests.models.mutations import make_record

NUMBER = 300
PLACE = ("kafka_partition", "kafka_offset", "appended_at")


def make_facts(kind: Kind) -> Facts:
    """Return facts of a kind: with details and without, in every alphabet, with times of every sort."""
    made = [make_record(kind, Random(f"{kind.name} {place}"), 0) for place in range(NUMBER)]  # noqa: S311 - test data
    keys, values, headers, timestamps = ([*column] for column in zip(*made, strict=True))
    numbers = (np.arange(NUMBER) * 2**40, np.array(timestamps, np.int64))
    facts, _refused = decode_all(kind.topic, RecordColumns(np.full(NUMBER, 63), keys, values, headers, *numbers))
    _keys, firsts = np.unique(facts.keys, axis=0, return_index=True)
    return facts.take(np.sort(firsts))


async def read_rows(connection: Any, kind: Kind) -> set[Row]:
    """Return what the table of a kind holds, as rows."""
    rows = await connection.fetch(f"SELECT {', '.join((*described_by(kind), *PLACE))} FROM {kind.table}")
    return {tuple(str(value) if isinstance(value, UUID) else value for value in row) for row in rows}


async def test_every_fact_stands_in_its_table_as_its_row_says(database_url: str) -> None:
    """Whole batches, in the catalogue's tables, with whatever a column may hold."""
    await migrate(database_url)
    connection = await asyncpg.connect(database_url)
    for kind in KINDS:
        facts = make_facts(kind)
        assert await record_facts(connection, facts) == {}
        assert await read_rows(connection, kind) == set(facts)
        assert await record_facts(connection, facts) == dict.fromkeys(range(len(facts)), Duplicate.RETRY)
    await connection.close()


async def test_what_repeats_a_fact_of_the_same_batch_is_told_from_the_first(database_url: str) -> None:
    """By its place: the first counts, and each other one is compared with it."""
    await migrate(database_url)
    connection = await asyncpg.connect(database_url)
    facts = make_facts(KINDS[0]).cut(slice(3))
    again = replace(facts, event_ids=facts.event_ids[::-1])
    other = replace(facts, moments=facts.moments + 1)
    found = await record_facts(connection, join([facts, other, facts, again]))
    expected = [Duplicate.CONFLICT] * 3 + [Duplicate.RETRY] * 3 + [Duplicate.REPEAT, Duplicate.RETRY, Duplicate.REPEAT]
    assert found == dict(enumerate(expected, 3))
    assert await read_rows(connection, KINDS[0]) == set(facts)
    await connection.close()
