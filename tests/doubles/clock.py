"""A clock that a test moves."""

from dataclasses import dataclass


@dataclass
class Clock:
    """Stands in for what tells seconds, or for the module `time`; it stands still until it is moved."""

    now: float = 1_000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now

    def time(self) -> float:
        """Return the seconds since 1970."""
        return self.now

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
