"""What a stream worker shows: complete totals, only while it is the active one, and never one that dips."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from models.catalogue import KINDS
from models.tally import Page, Total, newer, total


@dataclass
class Board:
    """The pages of every kind, and whether this worker may show their sums.

    It may while it is active (the tallies partition is its own), has read every page that was announced before it
    became active, and its membership is confirmed: after that lease another worker may be the active one.

    clock -- seconds that never go back and go on while the process is frozen (time.monotonic).
    """

    clock: Callable[[], float]
    _pages: dict[str, dict[int, Page]] = field(default_factory=lambda: {kind.name: {} for kind in KINDS}, init=False)
    _shown: dict[str, Total] = field(default_factory=dict, init=False)
    _read_to: dict[str, int] = field(default_factory=dict, init=False)
    _goal: int | None = field(default=None, init=False)
    _lease_ends_at: float = field(default=0.0, init=False)

    def take(self, name: str, page: Page) -> bool:
        """Keep a page of a kind if it is the newest of its source partition; tell whether it was."""
        known = self._pages[name].get(page.partition)
        self._pages[name][page.partition] = newer(known, page)
        return self._pages[name][page.partition] is not known

    def activate(self, read_from: int, goal: int) -> None:
        """Become the active worker, which shows once it has read the tallies topic from one offset up to another."""
        self._goal = goal
        self._read_to = {kind.name: read_from for kind in KINDS}

    def deactivate(self) -> None:
        """Stand by: show nothing."""
        self._goal = None
        self._shown.clear()

    def read(self, name: str, offset: int) -> None:
        """Note that the agent of a kind is done with a record of the tallies topic."""
        self._read_to[name] = offset + 1

    def confirm(self, lease_ends_at: float) -> None:
        """Note until when no other worker can have become the active one."""
        self._lease_ends_at = lease_ends_at

    @property
    def active(self) -> bool:
        """Whether the tallies partition is this worker's own."""
        return self._goal is not None

    def show(self) -> Mapping[str, Total]:
        """Return the complete totals by kind; nothing from a standby or from a worker that may have been replaced."""
        if self._goal is None or self.clock() >= self._lease_ends_at:
            return {}
        for name, pages in self._pages.items():
            complete = total(pages) if self._read_to[name] >= self._goal else None
            if complete is not None:
                self._shown[name] = complete
        return self._shown
