"""What a stream worker shows: complete totals, only while it is the active one, and never one that dips."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from models.catalogue import KIND_BY_TOPIC, KINDS
from models.tally import Page, Total, newer, total


@dataclass
class Board:
    """The newest page of every source partition, and whether this worker may show their sums.

    It may while it is active (the tallies partition is its own) and its membership is confirmed: after that lease
    another worker may be the active one.

    clock -- seconds that never go back and go on while the process is frozen (time.monotonic).
    """

    clock: Callable[[], float]
    _pages: dict[str, dict[int, Page]] = field(default_factory=lambda: {kind.name: {} for kind in KINDS}, init=False)
    _shown: dict[str, Total] = field(default_factory=dict, init=False)
    _turn: int = field(default=0, init=False)
    _active: bool = field(default=False, init=False)
    _lease_ends_at: float = field(default=0.0, init=False)

    def take(self, page: Page) -> bool:
        """Keep a page if it is the newest of its source partition; tell whether it was."""
        pages = self._pages[KIND_BY_TOPIC[page.topic].name]
        known = pages.get(page.partition)
        pages[page.partition] = newer(known, page)
        return pages[page.partition] is not known

    @property
    def turn(self) -> int:
        """The number of the present turn: each standing by ends one."""
        return self._turn

    def activate(self, turn: int, announced: Iterable[Page]) -> None:
        """Become the active worker of a turn, knowing what stands announced and nothing else.

        Pages from an earlier turn may be older than what another worker has shown since. Nothing happens when the turn
        is over: another worker may be the active one by now.
        """
        if turn != self._turn:
            return
        for pages in self._pages.values():
            pages.clear()
        for page in announced:
            self.take(page)
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
        return self._active and any(total(pages) is None for pages in self._pages.values())

    def show(self) -> Mapping[str, Total]:
        """Return the complete totals by kind; nothing from a standby or from a worker that may have been replaced."""
        if not self._active or self.clock() >= self._lease_ends_at:
            return {}
        complete = {name: total(pages) for name, pages in self._pages.items()}
        self._shown.update({name: found for name, found in complete.items() if found is not None})
        return self._shown
