"""What a process has in hand: work that would be lost with it, were it not kept elsewhere."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from models.tally import ALL, Page

# Tells a report from the lines of a log.
REPORT: Final = '{"crash"'
_STDERR: Final = 2


class Late(NamedTuple):
    """The one fact, years late, that its source partition gets, before it stays idle."""

    topic: str
    partition: int
    day: str  # of the fact, in Vietnam, YYYY-MM-DD
    facts: int  # of the source partition, with this one

    @property
    def source(self) -> tuple[str, int]:
        """Its source partition."""
        return self.topic, self.partition

    @property
    def date(self) -> date:
        """Its day."""
        return date.fromisoformat(self.day)

    def is_in(self, page: Page) -> bool:
        """Tell whether a page counts it."""
        return (page.topic, page.partition) == self.source and page.totals.get(ALL[0], {}).get(ALL[1]) == self.facts


class Form(StrEnum):
    """As what the late day is in hand."""

    NOTHING = ""
    RECORD = "a record that is not committed"
    PAGE = "a page that is not passed on"


class Need(StrEnum):
    """What must be in hand, or have happened, for a point to fire."""

    UNCOMMITTED = "uncommitted work"
    LATE_RECORD = "the late day, as a record"
    LATE_PAGE = "the late day, in the page of a partition that is idle from now on"
    STOPPING = "the order to stop"


@dataclass
class Hand:
    """What taps on the process have seen it take and pass on."""

    point: str
    late: Late
    uncommitted: Counter[tuple[str, int]] = field(default_factory=Counter)
    pages: dict[tuple[str, int], int] = field(default_factory=dict)  # source partition -> revision
    form: Form = Form.NOTHING
    under_way: set[str] = field(default_factory=set)  # tapped functions that have begun and not ended
    stopping: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def change(self, *, form: Form | None = None) -> None:
        """Let those who wait look again."""
        self.form = self.form if form is None else form
        self._changed.set()

    def is_within(self, name: str) -> bool:
        """Tell whether something is under way; nothing in particular always is."""
        return not name or name in self.under_way

    def has(self, needs: frozenset[Need]) -> bool:
        """Tell whether all of this is in hand."""
        held: dict[Need, Callable[[], bool]] = {
            Need.UNCOMMITTED: lambda: self.uncommitted.total() > 0,
            Need.LATE_RECORD: lambda: self.form is Form.RECORD,
            Need.LATE_PAGE: lambda: self.form is Form.PAGE,
            Need.STOPPING: lambda: self.stopping,
        }
        return all(held[need]() for need in needs)

    async def await_needs(self, needs: frozenset[Need]) -> None:
        """Say that this place waits, and wait until all of this is in hand."""
        if not self.has(needs):
            self.report("waits")
        while not self.has(needs):
            self._changed.clear()
            await self._changed.wait()

    def die(self) -> None:
        """Say what is in hand, and end this process as a power cut would."""
        self.report("fired")
        os.kill(os.getpid(), signal.SIGKILL)

    def report(self, event: str) -> None:
        """Write one line for the test, past every buffer."""
        os.write(_STDERR, (json.dumps({"crash": self.point, "event": event, **self._describe()}) + "\n").encode())

    def _describe(self) -> dict[str, Any]:
        """Return what is in hand, without anything of a person."""
        return {
            "uncommitted": self.uncommitted.total(),
            "pages": len(self.pages),
            "idle": f"{self.late.topic}/{self.late.partition}",
            "late_day": self.late.day,
            "late_form": self.form,
            "stopping": self.stopping,
        }
