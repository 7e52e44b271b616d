"""Bugs that are planted on purpose: a kind of fault that has never exposed one proves nothing.

Each does no harm until something fails: `python -m tests.faults.bugs doubled consume` runs a command of ours with one.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, Final

from onboarding.cli.main import main
from tests.crashes.places import Call, Place

# The steady traffic repeats one record in thirty: more than five in a batch of one partition are a storm.
_STORM_DUPLICATES: Final = 5


class Bug(StrEnum):
    """A planted bug, by what it does to a count."""

    DOUBLED = "doubled"  # the first batch after a take-over, and one with many duplicates, counts twice
    SKIPPED = "skipped"  # the first record after a take-over, of a new leader, and after a marker is passed over
    NOTHING = "nothing"  # no bug at all: what is found with it, none of the others has brought
    UNANNOUNCED = "unannounced"  # pages are told once, by the wall clock, and to nobody who starts later

    def plant(self) -> None:
        """Put the bug into this process."""
        _PLANTS[self]()


def _double() -> None:
    taken_over: list[bool] = []

    def remember(call: Call) -> None:
        if _has_recorded(call.arguments[0]):
            taken_over.append(True)

    def make(add: Callable[..., Any]) -> Callable[..., Any]:
        async def add_twice(connection: Any, judged: Any) -> None:
            again = [part for part in judged if taken_over or len(part.duplicates) > _STORM_DUPLICATES]
            await add(connection, judged)
            await add(connection, again)
            if any(part.accepted for part in again):
                taken_over.clear()

        return add_twice

    Place("consumers.recorder:Recorder._take_over").surround(after=remember)
    Place("ledger.recording:_add_tallies").replace(make)


def _skip() -> None:
    late: set[Any] = set()
    leaders: dict[Any, int] = {}
    feeds: list[Any] = []

    def remember(call: Call) -> None:
        feeds[:] = call.arguments[:1]
        if call.result:
            late.update(source for source, start in call.arguments[2].items() if start.next_offset)

    def make(cut: Callable[..., Any]) -> Callable[..., Any]:
        def cut_late(fetched: Any, positions: Any, ends: Any) -> Any:
            late.update(source for source in fetched if _has_new_leader(feeds[0], source, leaders))
            passed = {source for source in ends if ends[source] - positions[source] > len(fetched.get(source, ()))}
            for source in late & fetched.keys():
                late.discard(source)
                fetched[source] = fetched[source][1:]
            late.update(passed)  # markers and aborted records hold nothing
            return cut(fetched, positions, ends)

        return cut_late

    Place("consumers.feed:Feed.begin").surround(after=remember)
    Place("consumers.feed:cut").replace(make)


def _has_new_leader(feed: Any, source: Any, leaders: dict[Any, int]) -> bool:
    """Tell whether another broker leads a source partition than when it was last asked for, and remember which."""
    leader = feed._consumer._client.cluster.leader_for_partition(source)  # noqa: SLF001 - a bug is inside
    known = leaders.get(source, leader)
    leaders[source] = leader
    return bool(leader != known)


def _unannounce() -> None:
    Place("consumers.recorder:Recorder._take_over").surround(_mute, _unmute)
    Place("consumers.recorder:Recorder._refresh").replace(lambda _refresh: _do_nothing)
    Place("consumers.announcer:Announcer.offer").replace(_by_the_clock)
    Place("streams.board:Board.take").replace(_by_the_clock)
    Place("streams.process:read_page").replace(lambda read: lambda value: next(_without_facts([read(value)]), None))


def _mute(call: Call) -> None:
    recorder = call.arguments[0]
    announce = type(recorder)._announce.__get__(recorder)  # noqa: SLF001 - as the product would announce
    vars(recorder)["_announce"] = lambda pages: None if _has_recorded(recorder) else announce(pages)


def _unmute(call: Call) -> None:
    vars(call.arguments[0]).pop("_announce", None)


def _by_the_clock(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, done only when the wall clock is not behind what it was the last time."""
    last_at = 0.0

    def do(*arguments: Any) -> Any:
        nonlocal last_at
        if time.time() < last_at:
            return None
        last_at = time.time()
        return function(*arguments)

    return do


async def _do_nothing(_recorder: Any) -> None:
    """Leave a step out."""


def _without_facts(pages: Iterable[Any]) -> Iterator[Any]:
    """Yield the pages that stand for nothing, without which nobody could start."""
    return (page for page in pages if page and not page.days)


def _has_recorded(recorder: Any) -> bool:
    """Tell whether this is not the first time that somebody takes over."""
    return any(recorder._recorded.values())  # noqa: SLF001 - a bug is inside


def _leave_as_it_is() -> None:
    """Plant no bug."""


_PLANTS: Final[dict[Bug, Callable[[], None]]] = {
    Bug.NOTHING: _leave_as_it_is,
    Bug.DOUBLED: _double,
    Bug.SKIPPED: _skip,
    Bug.UNANNOUNCED: _unannounce,
}

if __name__ == "__main__":
    Bug(sys.argv[1]).plant()
    main(sys.argv[2:], prog_name="onboarding")
