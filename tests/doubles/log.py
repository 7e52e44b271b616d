"""The log of one partition as a broker has it: records, what transactions leave in it, its two ends."""

from collections.abc import Iterable
from typing import Self


class Log:
    """Offsets of committed records between a beginning and an end; what an open transaction holds is not stable."""

    def __init__(self, count: int = 0) -> None:
        self.begin = self.end = self.stable = 0
        self.offsets: list[int] = []
        self.write(count)

    @classmethod
    def of(cls, begin: int, end: int) -> Self:
        """Return a log that retention or a person has cut: only these offsets are left."""
        log = cls(end)
        log.delete_before(begin)
        return log

    def write(self, count: int) -> None:
        """Append records."""
        self._append(range(self.end, self.end + count), self.end + count)

    def commit(self, count: int) -> None:
        """Append a transaction and the marker of its end."""
        self._append(range(self.end, self.end + count), self.end + count + 1)

    def abort(self, count: int) -> None:
        """Append a transaction that was aborted, and its marker."""
        self._append((), self.end + count + 1)

    def leave_open(self, count: int) -> None:
        """Append records of which nobody knows yet what becomes; nothing may follow them here."""
        self.end += count

    def delete_before(self, offset: int) -> None:
        """Forget what is older."""
        self.begin = offset
        self.offsets = [each for each in self.offsets if each >= offset]

    def _append(self, offsets: Iterable[int], end: int) -> None:
        self.offsets += offsets
        self.end = self.stable = end

    def holds(self, position: int) -> bool:
        """Tell whether a broker would answer a fetch from a position; its end is one."""
        return self.begin <= position <= self.end

    def read(self, position: int, count: int) -> list[int]:
        """Return the offsets of so many committed records from a position on."""
        return [offset for offset in self.offsets if offset >= position][:count]
