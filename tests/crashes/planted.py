"""Bugs that are planted on purpose: a crash point that does not catch one proves nothing."""

import os
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import asyncpg

from tests.crashes.places import Call, Place

_SKIP = "UPDATE progress SET next_offset = greatest(next_offset, $3) WHERE topic = $1 AND kafka_partition = $2"
_MARK = "UPDATE refused SET published_at = now() WHERE id = $1"


class Bug(StrEnum):
    """A planted bug, by what is wrong then."""

    FACTS_SKIPPED = "the offset is stored when records are fetched, not with what they are counted in"
    CLAIM_APART = "the offset is committed before the facts"
    TALLIES_APART = "the tallies are committed before the offset"
    ANNOUNCED_ONCE = "a page is announced by the batch that changed it, and never again"
    REFRESH_FORGOTTEN = "pages are announced at a take-over and by a batch, but not every few seconds"
    MARKED_FIRST = "a refused record counts as published before it is"
    COUNTED_TWICE = "a page that is read when catching up is delivered again, and counts twice"
    NOT_CAUGHT_UP = "a stream worker that starts begins with what comes next"

    def plant(self) -> None:
        """Put the bug into this process."""
        _PLANTS[self]()


def _skip_facts() -> None:
    async def skip(call: Call) -> None:
        rows = [(*source, records[-1].offset + 1) for source, records in call.result.items()]
        connection = await asyncpg.connect(os.environ["DATABASE_URL"])
        await connection.executemany(_SKIP, rows)
        await connection.close()

    Place("aiokafka:AIOKafkaConsumer.getmany").surround(after=skip)


def _claim_apart() -> None:
    async def commit(call: Call) -> None:
        await call.arguments[0].execute("COMMIT; BEGIN")

    Place("ledger.recording:_claim").surround(after=commit)


def _add_tallies_apart() -> None:
    def make(add: Callable[..., Any]) -> Callable[..., Any]:
        async def add_apart(_connection: Any, judged: Any) -> None:
            connection = await asyncpg.connect(os.environ["DATABASE_URL"])
            await add(connection, judged)
            await connection.close()

        return add_apart

    Place("ledger.recording:_add_tallies").replace(make)


def _announce_once() -> None:
    def mute(call: Call) -> None:
        vars(call.arguments[0])["_announce"] = lambda _pages, _had_at: None

    def unmute(call: Call) -> None:
        del vars(call.arguments[0])["_announce"]

    Place("consumers.recorder:Recorder._take_over").surround(mute, unmute)
    _forget_refresh()


def _forget_refresh() -> None:
    async def forget(_recorder: Any) -> None:
        pass

    Place("consumers.recorder:Recorder._refresh").replace(lambda _refresh: forget)


class _Marking:
    """A connection that marks the refused records that it reads."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, *arguments: Any) -> Any:
        rows = await self._connection.fetch(*arguments)
        await self._connection.executemany(_MARK, [(row["id"],) for row in rows])
        return rows

    async def execute(self, *_arguments: Any) -> None:
        """Leave out what comes too late."""


def _mark_first() -> None:
    def make(publish: Callable[..., Any]) -> Callable[..., Any]:
        async def publish_marked(connection: Any, producer: Any, sources: Any) -> Any:
            return await publish(_Marking(connection), producer, sources)

        return publish_marked

    Place("consumers.outbox:publish_refusals").replace(make)


def _count_twice() -> None:
    def make(choose: Callable[..., Any]) -> Callable[..., Any]:
        def add(known: Any, arrived: Any) -> Any:
            if known is None or known.version != arrived.version:
                return choose(known, arrived)
            doubled = {name: {value: 2 * facts for value, facts in of.items()} for name, of in known.totals.items()}
            return known.model_copy(update={"totals": doubled})

        return add

    async def leave_offset(_membership: Any, _end: int) -> None:
        pass

    Place("streams.board:newer").replace(make)
    Place("streams.membership:Membership.pass_over").replace(lambda _pass_over: leave_offset)


def _forget_pages() -> None:
    def make(read: Callable[..., Any]) -> Callable[..., Any]:
        async def read_nothing(bootstrap: str) -> Any:
            return (await read(bootstrap))._replace(records=[])

        return read_nothing

    Place("streams.process:read_announced").replace(make)


_PLANTS: dict[Bug, Callable[[], None]] = {
    Bug.FACTS_SKIPPED: _skip_facts,
    Bug.CLAIM_APART: _claim_apart,
    Bug.TALLIES_APART: _add_tallies_apart,
    Bug.ANNOUNCED_ONCE: _announce_once,
    Bug.REFRESH_FORGOTTEN: _forget_refresh,
    Bug.MARKED_FIRST: _mark_first,
    Bug.COUNTED_TWICE: _count_twice,
    Bug.NOT_CAUGHT_UP: _forget_pages,
}
