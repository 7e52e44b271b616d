"""What a stream worker shows: complete totals, only while it is the active one, and never one that dips."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from models.catalogue import KIND_BY_TOPIC, KINDS
from models.tally import Page, Total, newer, total
from streams.ends import Ends


@dataclass
class Board:
    """The newest page of every source partition of one ledger, and whether this worker may show their sums.

    It may while it is active (the tallies partition is its own) and its membership is confirmed: after that lease
    another worker may be the active one.

    clock -- seconds that never go back and go on while the process is frozen (time.monotonic).
    """

    clock: Callable[[], float]
    ledger: Callable[[], UUID | None] = lambda: None  # whose totals are shown: who holds the claim; None where nobody
    ends: Ends = field(default_factory=Ends)  # where the pages come from, by the same clock
    _had_after: dict[tuple[str, int], float] = field(default_factory=dict, init=False)  # by partition of a kind
    _pages: dict[str, dict[int, Page]] = field(default_factory=lambda: {kind.name: {} for kind in KINDS}, init=False)
    # By kind: of which pages, and their sum.
    _sums: dict[str, tuple[Mapping[int, Page], Total | None]] = field(default_factory=dict, init=False)
    _shown: dict[str, Total] = field(default_factory=dict, init=False)
    passed_over: Counter[str] = field(default_factory=Counter, init=False)  # pages that are not shown, by why
    _turn: int = field(default=0, init=False)
    _active: bool = field(default=False, init=False)
    _lease_ends_at: float = field(default=0.0, init=False)

    def take(self, page: Page, offset: int) -> bool:
        """Keep a page if it is the newest of its source partition, and the claim's holder's; tell whether it was.

        offset -- where it stands on the tallies topic
        """
        owner, name = self.ledger(), KIND_BY_TOPIC[page.topic].name
        known = self._known(name, page.partition)
        if page.ledger not in {owner, None} or (page.ledger is None and known and known.ledger):
            self.passed_over["stranger"] += 1
            return False
        if known and known.ledger == page.ledger and page.version < known.version:
            self.passed_over["older"] += 1
            return False
        self._had_after[name, page.partition] = self._date(page, offset)
        self._pages[name][page.partition] = newer(known if known and known.ledger == page.ledger else None, page)
        return self._pages[name][page.partition] is not known

    def _date(self, page: Page, offset: int) -> float:
        """Return when the ledger had what a page says, at the earliest; minus infinity where nobody knows.

        A page that refers to one behind it is from a topic that was deleted since.
        """
        if page.after_offset is None or page.after_offset >= offset:
            return -math.inf
        return self.ends.written_after(page.after_offset) + page.after_seconds

    def _known(self, name: str, partition: int) -> Page | None:
        """Return the page that is kept of a source partition, if its ledger still holds the claim."""
        page = self._pages[name].get(partition)
        return page if page and page.ledger in {self.ledger(), None} else None

    def _total(self, name: str) -> Total | None:
        """Return the sum of the holder's pages; None until they are complete. Made anew only where one has changed."""
        pages = {partition: page for partition in self._pages[name] if (page := self._known(name, partition))}
        if name not in self._sums or self._sums[name][0] != pages:
            self._sums[name] = pages, total(pages)
        return self._sums[name][1]

    @property
    def turn(self) -> int:
        """The number of the present turn: each standing by ends one."""
        return self._turn

    def activate(self, turn: int, announced: Iterable[tuple[Page, int]]) -> None:
        """Become the active worker of a turn, knowing what stands announced and nothing else.

        Pages from an earlier turn may be older than what another worker has shown since. Nothing happens when the turn
        is over: another worker may be the active one by now.

        announced -- pages, each with its offset
        """
        if turn != self._turn:
            return
        for pages in self._pages.values():
            pages.clear()
        for page, offset in announced:
            self.take(page, offset)
        self._active = True

    def stand_by(self) -> None:
        """Show nothing."""
        self._turn += 1
        self._active = False
        self._shown.clear()

    def confirm(self, lease_ends_at: float) -> None:
        """Note until when no other worker can have become the active one."""
        self._lease_ends_at = lease_ends_at

    @property
    def incomplete(self) -> bool:
        """Whether this worker is the active one and lacks a page that a total needs."""
        return self._active and any(self._total(name) is None for name in self._pages)

    def show(self) -> Mapping[str, Total]:
        """Return the complete totals by kind; nothing from a standby or from a worker that may have been replaced."""
        return self._shown if self._look() is not None else {}

    def ages(self) -> Mapping[str, float]:
        """Return how many seconds ago, at most, the ledger had the oldest part of each total that is shown.

        Infinite for one of which that is not known of a part, or a part is still another ledger's.
        """
        complete = self._look()
        if complete is None:
            return {}
        return {name: self._age(name) if name in complete else math.inf for name in self._shown}

    def _look(self) -> Mapping[str, Total] | None:
        """Return the totals that are complete now, and keep them to be shown; None while nothing may be shown."""
        if not self._active or self.clock() >= self._lease_ends_at:
            return None
        sums = {name: self._total(name) for name in self._pages}
        complete = {name: found for name, found in sums.items() if found is not None}
        self._shown.update(complete)
        return complete

    def _age(self, name: str) -> float:
        """Return the age of the oldest part."""
        parts = (partition for partition in self._pages[name] if self._known(name, partition))
        return self.clock() - min(self._had_after[name, partition] for partition in parts)
