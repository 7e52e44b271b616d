"""A place in the code: one function, found by its name where it is looked up, so that it can be wrapped from outside.

The product has no hook for this: its functions are small and named after the steps of the work, so before and after
each of them is a place with a name.
"""

import importlib
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple


class Call(NamedTuple):
    """One call of a wrapped function."""

    arguments: tuple[Any, ...]
    result: Any = None  # None before the call


# What is done around a call; around an async function it may be something to wait for.
Step = Callable[[Call], Awaitable[None] | None]


class PlaceGoneError(Exception):
    """A name in the catalogue is no longer in the code."""


def do_nothing(_call: Call) -> None:
    """Pass by."""


@dataclass(frozen=True, slots=True)
class Place:
    """A function, written as "module:qualified name".

    The module is the one that looks the name up: after `from x import y` in z, it is "z:y".
    """

    written: str

    def replace(self, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Put another function in its place, made from what is there."""
        owner, name = self._find()
        setattr(owner, name, make(getattr(owner, name)))

    def surround(self, before: Step = do_nothing, after: Step = do_nothing) -> None:
        """Do something before and after every call."""
        self.replace(lambda function: _wrap(function, before, after))

    def is_async(self) -> bool:
        """Tell whether its calls are awaited."""
        return inspect.iscoroutinefunction(getattr(*self._find()))

    def _find(self) -> tuple[Any, str]:
        """Return the module or class that holds the function, and its name there."""
        module, _, path = self.written.partition(":")
        *owners, name = path.split(".")
        owner: Any = importlib.import_module(module)
        for part in owners:
            owner = getattr(owner, part, None)
        if not callable(getattr(owner, name, None)):
            raise PlaceGoneError(f"{self.written} is no function any more: give tests/crashes its new name")
        return owner, name


def _wrap(function: Callable[..., Any], before: Step, after: Step) -> Callable[..., Any]:
    """Return the function with a step before and after, async where it is."""

    async def call_async(*arguments: Any, **options: Any) -> Any:
        await _take(before, Call(arguments))
        result = await function(*arguments, **options)
        await _take(after, Call(arguments, result))
        return result

    def call(*arguments: Any, **options: Any) -> Any:
        before(Call(arguments))
        result = function(*arguments, **options)
        after(Call(arguments, result))
        return result

    return wraps(function)(call_async if inspect.iscoroutinefunction(function) else call)


async def _take(step: Step, call: Call) -> None:
    """Take a step, and wait where it waits."""
    waiting = step(call)
    if waiting is not None:
        await waiting
