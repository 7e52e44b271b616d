"""What an operator types first: `status`, once or again and again."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from ledger.unavailable import UnavailableError
from onboarding.cli._addresses import find_addresses
from onboarding.cli._answers import answer, make_console, settings_or_error, show
from onboarding.cli._logs import leave_kafka_to_the_screen
from operations.addresses import Addresses
from operations.status.reading import read_status
from operations.status.screen import render_status
from operations.status.system import Reading, Status
from operations.status.verdict import exit_code_of, judge
from runtime.ending import interrupt_on_signals

# 2 s: a consumer that has just been given records commits them well within.
_SECOND_LOOK_SECONDS: Final = 2.0
# 2 s: a person sees it move, and the ledger is asked a few cheap questions.
_WATCH_SECONDS: Final = 2.0
_UNAVAILABLE: Final = 2

Look = Callable[[Reading | None], Status]
Draw = Callable[[RenderableType], None]


@click.command()
@click.option(
    "--watch",
    "seconds",
    type=click.FloatRange(0.5, 3_600),
    is_flag=False,
    flag_value=_WATCH_SECONDS,
    metavar="[SECONDS]",
    help="Look again and again, every 2 seconds if you say nothing, until Ctrl-C.",
)
def status(seconds: float | None) -> None:
    """Show how the system is on one screen: each topic, each process, what is wrong, what to type next.

    A topic is ok, behind, stopped (at a gap) or paused (by a person). Its lag is the end of its log in Kafka less what
    Postgres has recorded; it is behind when records wait and nothing was committed for 60 seconds, or when what waits
    takes longer than that. The rate is of one second, with --watch of the time between two looks.

    Ends with 0 when nothing is wrong, also where refused records or conflicts wait for a decision; with 1 when a
    process is not ready, a topic is not ok, or the last recount found a difference; with 2 when a process, Kafka or
    Postgres does not answer. With --watch that of the last look counts.

    \b
    Examples:
      onboarding status || echo "something is wrong"
      onboarding status --watch 5
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    leave_kafka_to_the_screen()
    addresses = find_addresses(settings_or_error())
    if seconds is None:
        found = answer(_read_settled(addresses))
        show(render_status(found))
        sys.exit(exit_code_of(judge(found)))
    interrupt_on_signals()
    with _drawing(make_console()) as draw:
        code = watch(lambda before: asyncio.run(read_status(addresses, before)), draw, lambda: time.sleep(seconds))
    sys.exit(code)


def watch(look: Look, draw: Draw, pause: Callable[[], None]) -> int:
    """Look and draw until Ctrl-C; return the exit code of the last look. A Postgres that is away is waited for.

    look -- is given what the look before it read; None after one that failed
    """
    before: Reading | None = None
    code = _UNAVAILABLE
    try:
        while True:
            try:
                found = look(before)
            except UnavailableError as error:
                before, code = None, _UNAVAILABLE
                draw(Text(f"{time.strftime('%H:%M:%S')} {error}", "red"))
            else:
                before, code = found.reading, exit_code_of(judge(found))
                draw(render_status(found))
            pause()
    except KeyboardInterrupt:
        return code


@contextmanager
def _drawing(console: Console) -> Iterator[Draw]:
    """Give a way to draw one screen in the place of the last; where there is no terminal, one block after the other."""
    if not console.is_terminal:
        yield lambda screen: console.print(screen, soft_wrap=True)
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda screen: live.update(screen, refresh=True)


async def _read_settled(addresses: Addresses) -> Status:
    """Read the status; look again before saying that records wait, for they may have arrived this moment."""
    found = await read_status(addresses)
    if found.is_waiting:
        await asyncio.sleep(_SECOND_LOOK_SECONDS)
        return await read_status(addresses, found.reading)
    return found
