"""One fault, and the alerts that it must cause."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from tests.alerts.stage import Stage


@dataclass(frozen=True)
class Case:
    """A fault that is there while the block of `strike` runs, and mended after it.

    inhibited -- alerts that Alertmanager must not tell of, because another one says why
    """

    name: str
    alerts: frozenset[str]
    strike: Callable[[Stage], AbstractAsyncContextManager[None]]
    inhibited: frozenset[str] = frozenset()


def case(
    name: str, *alerts: str, strike: Callable[[Stage], AbstractAsyncContextManager[None]], inhibited: str = ""
) -> Case:
    """Return a case; `inhibited` are names with blanks between them."""
    return Case(name, frozenset(alerts), strike, frozenset(inhibited.split()))
