"""Why a day's number is what it is: when it was closed, with what, and every change since."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from itertools import accumulate
from typing import Final, NamedTuple

import asyncpg

from models.catalogue import KINDS, Kind
from operations.moments import write_minute
from operations.recount.kept import read_newest
from operations.snapshot import open_snapshot

_CLOSED: Final = "SELECT facts, closed_at FROM closed_day WHERE topic = $1 AND day = $2"
_NOW: Final = "SELECT coalesce(sum(facts), 0)::bigint FROM tally WHERE topic = $1 AND day = $2 AND dimension = 'all'"
# The auditor closes days from the first that anything is known of.
_KNOWN: Final = "SELECT EXISTS (SELECT FROM tally WHERE topic = $1 AND day <= $2 AND dimension = 'all')"
_RESTATEMENTS: Final = """
SELECT restated_on, why, sum(facts)::bigint, max(last_at) FROM restatement WHERE topic = $1 AND day = $2
GROUP BY restated_on, why ORDER BY min(first_at), why"""

# Like with like: days as they were closed, without what came later; a median, so that one holiday in four is nothing.
_USUAL: Final = """
SELECT (SELECT facts FROM closed_day WHERE topic = $1 AND day = $2::date),
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY facts) FROM closed_day
     WHERE topic = $1 AND day IN ($2::date - 7, $2::date - 14, $2::date - 21, $2::date - 28) HAVING count(*) = 4)"""


class State(StrEnum):
    """How sure the number of a day is."""

    UNRECORDED = "unrecorded"  # nothing is known of this day or of any before it
    PROVISIONAL = "provisional"  # it may still change unsaid
    FINAL = "final"


_TOLD: Final = {
    State.UNRECORDED: "nothing was ever recorded of this day or one before it",
    State.PROVISIONAL: "provisional, it may still change",
    State.FINAL: "final",
}


class Restatement(NamedTuple):
    """What changed on a closed day, on one day, for one reason."""

    restated_on: date
    why: str
    facts: int
    last_at: datetime


class Story(NamedTuple):
    """One kind on one day; `closed` and `closed_at` are None while it is not closed.

    known -- whether anything was recorded of this day or of one before it
    differs -- a line for each number of this day that the newest recount found to differ
    """

    kind: Kind
    day: date
    facts: int
    closed: int | None
    closed_at: datetime | None
    restatements: list[Restatement]
    known: bool = True
    differs: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """Whether the number may still change unsaid."""
        if self.closed is not None:
            return State.FINAL
        return State.PROVISIONAL if self.known else State.UNRECORDED

    @property
    def restated(self) -> int:
        """How much it has changed since it was closed."""
        return sum(each.facts for each in self.restatements)

    @property
    def is_sound(self) -> bool:
        """Whether the changes explain today's number, and no recount found another one."""
        return self.adds_up and not self.differs

    @property
    def adds_up(self) -> bool:
        """Whether the changes explain today's number."""
        return self.closed is None or self.closed + self.restated == self.facts


async def read_usual(connection: asyncpg.Connection, kind: Kind, day: date) -> tuple[int | None, float | None]:
    """Return what a day was closed with, and the median of the same weekday in the four weeks before.

    Each is None where it is not known: the day is not closed, or not all four of the others are.
    """
    closed, usual = await connection.fetchrow(_USUAL, kind.topic, day)
    return closed, usual


async def read_stories(database_url: str, day: date) -> list[Story]:
    """Return the story of a day for every kind. Raises UnavailableError when Postgres does not answer."""
    async with open_snapshot(database_url) as connection:
        stories, newest = [], await read_newest(connection)
        for kind in KINDS:
            closed, closed_at = await connection.fetchrow(_CLOSED, kind.topic, day) or (None, None)
            restated = [Restatement(*row) for row in await connection.fetch(_RESTATEMENTS, kind.topic, day)]
            facts = await connection.fetchval(_NOW, kind.topic, day)
            known = await connection.fetchval(_KNOWN, kind.topic, day)
            differs = tuple(newest.tell(kind.name, day)) if newest else ()
            stories.append(Story(kind, day, facts, closed, closed_at, restated, known, differs))
        return stories


def tell_story(story: Story) -> Iterator[str]:
    """Yield the lines about one kind."""
    yield f"{story.kind.name} on {story.day}: {story.facts:,} ({_TOLD[story.state]})"
    yield from (f"  {line}" for line in story.differs)
    if story.closed is None or story.closed_at is None:
        return
    yield f"  closed on {write_minute(story.closed_at)} (Vietnam) with {story.closed:,}"
    befores = accumulate((each.facts for each in story.restatements), initial=story.closed)
    for before, each in zip(befores, story.restatements, strict=False):
        yield f"  restated on {each.restated_on}: {before:,} -> {before + each.facts:,} ({each.facts:+,}), {each.why}"
    if not story.adds_up:
        yield "  these do not add up: run `onboarding recount`"
