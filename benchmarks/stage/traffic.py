"""What a benchmark publishes: events at the nation's density, mixed in its proportion, some of them twice."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from heapq import merge
from random import Random
from typing import Final
from uuid import UUID

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from upstream.publishing.outgoing import Outgoing
from upstream.simulation.citizens import Citizens
from upstream.simulation.figures import figures
from upstream.simulation.schedule import Day, Schedule
from upstream.simulation.writers import AccountWriter, LoginWriter, RecordWriter

TRAFFIC_KINDS: Final = (IDENTITY_RECORDS, ACCOUNTS, LOGINS)
# 153,190,000 events over the 1,196 days of the nation's history fall on a day.
EVENTS_A_DAY: Final = 128_000
_FIRST_DAY: Final = date(2024, 1, 1)
# Accounts that were activated before the first day: logins are theirs.
_ACCOUNTS_BEFORE: Final = 1_000_000
_SEED: Final = 5
# A retry arrives 100,000 events after its own, within a second: also where four processes take 20,000 at once, its
# event is in an earlier batch.
_RETRY_DISTANCE: Final = 100_000
# An extension attribute of CloudEvents that the contract does not know, first in the document.
_NOTE: Final = b'{"note":"%b",'
_UUID: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def make_traffic(events: int, duplicates: float, *, ordered: bool) -> Iterator[Outgoing]:
    """Yield so many distinct events in order of time, and retries of a share of them.

    duplicates -- retries for each event, from 0 to 1
    ordered -- whether ids are time-ordered (UUIDv7), else random (UUIDv4)
    """
    outgoing = _make_events(events)
    yield from _repeat(outgoing if ordered else _randomise(outgoing), duplicates)


def enlarge(outgoing: Iterable[Outgoing], bytes_min: int) -> Iterator[Outgoing]:
    """Yield the same events, each at least so large: with an unknown attribute, which is read over and not kept."""
    random = Random(_SEED)  # noqa: S311 - a benchmark that can be repeated, no secret
    for record in outgoing:
        missing = bytes_min - len(_annotate(record, "").value)
        # Digits of random bytes: a compressing client finds as little in them as in a base64 attachment.
        yield _annotate(record, random.randbytes(missing // 2 + 1).hex()[:missing]) if missing > 0 else record


def _annotate(record: Outgoing, note: str) -> Outgoing:
    """Return the event with a note that its contract does not know."""
    return record._replace(value=_NOTE % note.encode() + record.value.removeprefix(b"{"))


def _make_events(events: int) -> Iterator[Outgoing]:
    """Yield events of as many days as are needed, the last one shorter."""
    citizens, schedule = Citizens(_SEED), Schedule(1)
    writers = (
        RecordWriter(citizens, _SEED),
        AccountWriter(citizens, schedule, _SEED),
        LoginWriter(citizens, schedule, _SEED),
    )
    for day in make_days(events):
        for _, _, outgoing in merge(*(writer.write(day) for writer in writers)):
            yield outgoing


def make_days(events: int) -> Iterator[Day]:
    """Yield days of the nation's density whose kinds are in the national proportion; together so many events."""
    nation = figures(1)
    whole = sum(nation.values())
    made, day = 0, _FIRST_DAY
    while made < events:
        following = min(events, made + EVENTS_A_DAY)
        first, last = (
            {name: part * reached // whole for name, part in nation.items()} for reached in (made, following)
        )
        records = range(first[IDENTITY_RECORDS.name], last[IDENTITY_RECORDS.name])
        accounts = range(_ACCOUNTS_BEFORE + first[ACCOUNTS.name], _ACCOUNTS_BEFORE + last[ACCOUNTS.name])
        # What the roundings leave over is logins, so that the sum is exact.
        yield Day(day, records, accounts, following - made - len(records) - len(accounts))
        made, day = following, day + timedelta(days=1)


def _randomise(outgoing: Iterator[Outgoing]) -> Iterator[Outgoing]:
    """Yield the same events with identifiers of version 4."""
    random = Random(_SEED)  # noqa: S311 - a benchmark that can be repeated, no secret

    def make(_match: re.Match[bytes]) -> bytes:
        return str(UUID(int=random.getrandbits(128), version=4)).encode()

    for record in outgoing:
        yield record._replace(value=_UUID.sub(make, record.value))


def _repeat(outgoing: Iterator[Outgoing], share: float) -> Iterator[Outgoing]:
    """Yield every record, and a share of them once more later on."""
    waiting: deque[tuple[int, Outgoing]] = deque()
    owed = 0.0
    for number, record in enumerate(outgoing):
        yield record
        owed += share
        if owed >= 1:
            owed -= 1
            waiting.append((number + _RETRY_DISTANCE, record))
        if waiting and number >= waiting[0][0]:
            yield waiting.popleft()[1]
    yield from (record for _, record in waiting)
