"""A context manager of several parts: all of them are opened, or none stays open."""

from abc import ABC, abstractmethod
from contextlib import ExitStack
from types import TracebackType
from typing import Self


class Assembly(ABC):
    """Opens its parts in order and closes them in reverse, also when one of them does not open."""

    _open_parts: ExitStack

    @abstractmethod
    def assemble(self, stack: ExitStack) -> None:
        """Open every part on a stack."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.assemble(stack)
            self._open_parts = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open_parts.close()
