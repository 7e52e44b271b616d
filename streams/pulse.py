"""Whether the agents take what is announced: a Faust worker can look alive and consume nothing."""

from collections.abc import Iterable


class Pulse:
    """Compares where the tallies topic ends with which agents have taken a page since it last moved."""

    def __init__(self, agents: Iterable[str]) -> None:
        self._agents = frozenset(agents)
        self._beaten: set[str] = set()
        self._end: int | None = None  # of the topic, when every agent was last known to follow
        self._seen = 0  # how far the topic reached in the life of this process
        self._shorter = 0  # how often in a row it reached less far

    def beat(self, agent: str) -> None:
        """Note that an agent has taken a page; each takes every page, also those of other kinds."""
        self._beaten.add(agent)

    def forget(self) -> None:
        """Begin anew after a rebalance: the agents may have been somewhere else."""
        self._end = None

    def begin_anew(self) -> None:
        """Note that Faust was told where to go on: how far an older topic reached does not matter any more."""
        self._seen = self._shorter = 0

    def is_another(self, end: int | None) -> bool:
        """Tell whether the topic is another one by now: Faust passes over records at offsets that it has seen before.

        end -- as of `is_felt`. Twice in a row: a new leader may say for a moment less than the one before it.
        """
        if end is None:
            return False
        self._shorter = self._shorter + 1 if end < self._seen else 0
        self._seen = max(end, self._seen)
        return self._shorter > 1

    def is_felt(self, end: int | None) -> bool:
        """Tell whether nothing was announced since this was last true, or every agent has taken a page since.

        end -- the offset behind the last page of the topic, None where it is not known or not ours.
        """
        if end != self._end and None not in {end, self._end} and self._beaten < self._agents:
            return False
        self._beaten.clear()
        self._end = end
        return True
