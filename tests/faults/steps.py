"""A number over time that only rises, kept as the moments at which it rose."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator


class Steps:
    """A staircase: 16 bytes a step, so that an hour of them fits in memory."""

    def __init__(self) -> None:
        self._moments = array("d")
        self._heights = array("d")

    def rise(self, moment: float, height: float) -> None:
        """Note a height; one that is not above the last is no step."""
        if height > self.top:
            self._moments.append(moment)
            self._heights.append(height)

    @property
    def top(self) -> float:
        """The height now."""
        return self._heights[-1] if self._heights else 0.0

    def at(self, moment: float) -> float:
        """Return the height at a moment."""
        place = bisect_right(self._moments, moment)
        return self._heights[place - 1] if place else 0.0

    def first_reaching(self, height: float) -> float | None:
        """Return when it first was at least so high, None when it never was."""
        place = bisect_left(self._heights, height)
        return self._moments[place] if place < len(self._moments) else None

    def first_above(self, height: float) -> float | None:
        """Return when it first was higher, None when it never was."""
        place = bisect_right(self._heights, height)
        return self._moments[place] if place < len(self._moments) else None

    def first_since(self, moment: float) -> float | None:
        """Return when it first rose at or after a moment, None when it has not."""
        place = bisect_left(self._moments, moment)
        return self._moments[place] if place < len(self._moments) else None

    def between(self, since: float, until: float) -> Iterator[tuple[float, float]]:
        """Yield each step in a span of time: its moment, and the height before it."""
        first, last = bisect_right(self._moments, since), bisect_right(self._moments, until)
        for place in range(first, last):
            yield self._moments[place], self._heights[place - 1] if place else 0.0
