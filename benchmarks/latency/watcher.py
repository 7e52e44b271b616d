"""Looks at /metrics as often as it can without disturbing, in a process of its own, and notes what it shows when."""

import re
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from multiprocessing.connection import Connection
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from benchmarks.stage.traffic import TRAFFIC_KINDS

Totals = tuple[int, ...]  # in the order of the catalogue; empty while they are not all shown

_ANSWER_SECONDS_MAX: Final = 5.0
# 100 ms until the process that is to be watched has started.
_RETRY_SECONDS: Final = 0.1
# 60 s without a change while something is still to come: it does not come any more.
_STANDSTILL_SECONDS_MAX: Final = 60.0
_PLACES: Final = {kind.metric.encode(): place for place, kind in enumerate(TRAFFIC_KINDS)}
_LINES: Final = re.compile(rb"^(%s) (\S+)$" % b"|".join(_PLACES), re.MULTILINE)


class Reading(NamedTuple):
    """What a page showed: when it was asked for, when it had arrived (time.monotonic), the totals."""

    asked_at: float
    read_at: float
    totals: Totals


def watch_totals(pipe: "Connection[Any, Any]", url: str, pause_seconds: float) -> None:
    """Read the page again and again; say so once it shows all totals.

    Whoever hears it tells which totals to wait for, and gets every reading once they are shown, or stand still.
    """
    page = _Page(url)
    while not page.read().totals:
        time.sleep(_RETRY_SECONDS)
    pipe.send(None)
    pipe.send(watch(page.read, lambda seconds: pipe.recv() if pipe.poll(seconds) else None, pause_seconds))


def watch(
    read: Callable[[], Reading], listen: Callable[[float], Totals | None], pause_seconds: float
) -> Sequence[Reading]:
    """Return every reading until the totals that are to be waited for are shown, or do not change any more.

    listen -- waits so many seconds at most to be told those totals; None while nobody has said
    pause_seconds -- from one reading's beginning to the next one's; a reading that takes longer is followed at once
    """
    readings = [read()]
    changed = readings[0]
    wanted: Totals | None = None
    while wanted is None or not _is_over(readings[-1], wanted, changed):
        due_at = readings[-1].asked_at + pause_seconds
        wanted = listen(max(0.0, due_at - readings[-1].read_at)) or wanted
        readings.append(read())
        if readings[-1].totals != changed.totals:
            changed = readings[-1]
    return readings


def _is_over(reading: Reading, wanted: Totals, changed: Reading) -> bool:
    """Tell whether nothing more is to come."""
    return reading.totals == wanted or reading.read_at - changed.read_at > _STANDSTILL_SECONDS_MAX


def parse_totals(page: bytes) -> Totals:
    """Return the totals of a page, and none when one is missing. Nothing else of the page is looked at."""
    found = {_PLACES[name]: int(float(value)) for name, value in _LINES.findall(page)}
    return tuple(found[place] for place in sorted(found)) if len(found) == len(TRAFFIC_KINDS) else ()


class _Page:
    """The metrics page of a stream worker, read over a connection that is kept."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._path = address.path
        self._connection = HTTPConnection(address.netloc, timeout=_ANSWER_SECONDS_MAX)

    def read(self) -> Reading:
        """Read the page once; no totals while nobody answers."""
        asked_at = time.monotonic()
        try:
            self._connection.request("GET", self._path)
            content = self._connection.getresponse().read()
        except (OSError, HTTPException):
            self._connection.close()
            content = b""
        read_at = time.monotonic()
        return Reading(asked_at, read_at, parse_totals(content))
