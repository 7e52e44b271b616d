"""What a person sees while a question takes long, on standard error: results go to standard output untouched."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from onboarding.cli._answers import Answer
from onboarding.cli._progress import Rate, TimeLeft
from operations.recount.counting import Report

# 1 s: who waits longer wants to know what for.
_PATIENCE_SECONDS: Final = 1.0
_COUNTING: Final = "facts counted"
_COMPARING: Final = "facts counted, comparing"


@contextmanager
def show_counting(console: Console) -> Iterator[Report]:
    """Show on a terminal how far a count of the ledger is; elsewhere say nothing."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeLeft())
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
        redirect_stdout=False,
    ) as bar:
        task = bar.add_task(_COUNTING, total=None)

        def report(facts: int, total: int) -> None:
            if not facts:
                bar.reset(task, total=total, description=_COUNTING)
            bar.update(task, completed=facts, description=_COMPARING if facts >= total else _COUNTING)

        yield report


def _tell(line: str) -> None:
    click.echo(line, err=True)


async def note_when_long(
    work: Coroutine[Any, Any, Answer],
    note: str,
    tell: Callable[[str], None] = _tell,
    patience_seconds: float = _PATIENCE_SECONDS,
) -> Answer:
    """Say what takes so long once patience is over, and at the end how long it took."""
    began = time.monotonic()
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait([task], timeout=patience_seconds)
    if done:
        return await task
    tell(f"{note} ...")
    answer = await task
    tell(f"done in {time.monotonic() - began:.0f} s")
    return answer
