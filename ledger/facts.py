"""The ledger tables: puts the facts of one kind in, and tells which of them were there before."""

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import numpy as np

from ledger.copying import columns_in_order, write_rows
from models.catalogue import KINDS, Kind
from models.decoding.columns import Facts
from models.decoding.forms import Bytes, Numbers
from models.decoding.row import Row, content_of, described_by, event_id_of
from models.outcomes import Duplicate

# The bytes of a business key -> event id and content of the fact that holds it.
Known = Mapping[bytes, tuple[str, Row]]

_KEY_BYTES: Final = 16
_KEY_DIGITS: Final = 2 * _KEY_BYTES


def _select(kind: Kind) -> str:
    return f"SELECT {', '.join(described_by(kind))} FROM {kind.table} WHERE {kind.business_key} = ANY($1)"


_SELECT: Final = {kind.name: _select(kind) for kind in KINDS}


async def record_facts(connection: asyncpg.Connection, facts: Facts) -> dict[int, Duplicate]:
    """Put the facts of one kind in that are new; return the places of those that are not, and how each repeats one.

    Raises asyncpg.UniqueViolationError when another transaction has put one of them in meanwhile: in a new transaction
    it is found.
    """
    if not len(facts):
        return {}
    # Every writer puts its facts in in the order of their keys, so that none waits for another in a circle.
    order, is_first = _sort(facts.keys)
    first = order[is_first]
    known = await _find_known(connection, facts.kind, facts.keys[first])
    is_known = _tell_known(facts, known)
    await _insert(connection, facts, first[~is_known[first]])
    # The first fact of each key, beside every fact in that order.
    holders = first[np.cumsum(is_first) - 1]
    repeating = is_known[order] | ~is_first
    pairs = zip(order[repeating].tolist(), holders[repeating].tolist(), strict=True)
    return {place: _judge(facts, place, holder, known) for place, holder in sorted(pairs)}


def _tell_known(facts: Facts, known: Known) -> Any:  # noqa: ANN401 - an array of booleans
    """Tell of each fact whether its key is known."""
    if not known:
        return np.zeros(len(facts), bool)
    return np.fromiter((key in known for key in _each(facts.keys)), bool, len(facts))


async def _insert(connection: asyncpg.Connection, facts: Facts, places: Numbers) -> None:
    """Put the facts at some places in."""
    if len(places):
        rows = memoryview(write_rows(facts, places))  # bytes would be the name of a file
        await connection.copy_to_table(facts.kind.table, source=rows, columns=columns_in_order(facts), format="binary")


def _sort(keys: Bytes) -> tuple[Numbers, Any]:
    """Return the places of keys in their order, of equal ones the first first; and which of these is the first."""
    words = np.ascontiguousarray(keys).view(">u8").astype(np.uint64)
    order = np.lexsort((words[:, 1], words[:, 0]))
    ordered = words[order]
    is_first = np.ones(len(order), bool)
    is_first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return order, is_first


def _each(keys: Bytes) -> list[bytes]:
    raw = keys.tobytes()
    return [raw[at : at + _KEY_BYTES] for at in range(0, len(raw), _KEY_BYTES)]


async def _find_known(connection: asyncpg.Connection, kind: Kind, keys: Bytes) -> Known:
    """Return event id and content of the facts that are in the ledger, by business key."""
    digits = keys.tobytes().hex()
    asked = [digits[at : at + _KEY_DIGITS] for at in range(0, len(digits), _KEY_DIGITS)]
    rows = await connection.fetch(_SELECT[kind.name], asked)
    return {key.bytes: (str(event_id), tuple(content)) for key, event_id, *content in rows}


def _judge(facts: Facts, place: int, holder: int, known: Known) -> Duplicate:
    """Compare a fact with the one that holds its business key, in the ledger or in the same batch."""
    held = known.get(facts.keys[place].tobytes())
    if held is None:
        first = facts[holder]
        held = event_id_of(first), content_of(first)
    return _compare(facts[place], *held)


def _compare(row: Row, event_id: str, content: Row) -> Duplicate:
    if content_of(row) != content:
        return Duplicate.CONFLICT
    return Duplicate.RETRY if event_id_of(row) == event_id else Duplicate.REPEAT
