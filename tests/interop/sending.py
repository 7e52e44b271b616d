"""Runs senders, one after the other, and waits until all that they have sent is recorded."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from brokers.clients import read_ends
from models.catalogue import KIND_BY_TOPIC
from tests.integration.system import LOOK_SECONDS, SECONDS_MAX, System
from tests.interop.plan import Sending

# 3 s: a person sees that it goes on.
_TELL_SECONDS: Final = 3.0
# 300 s: a hundred times what a sender takes on an idle machine.
_SEND_SECONDS_MAX: Final = 300.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender with what it is to send."""

    language: str
    command: Sequence[str]
    sendings: Sequence[Sending]


async def send(sender: Sender, system: System, tell: Tell) -> str:
    """Let a sender send; return why it failed, "" when all was acknowledged."""
    orders = _write_orders(sender, system.folder)
    tell(f"{sender.language}: sending {len(sender.sendings):,} events")
    process = await asyncio.create_subprocess_exec(
        *sender.command, system.bootstrap, str(orders), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(_SEND_SECONDS_MAX):
            _output, complaint = await _watch(process, sender, system, tell)
    except TimeoutError:
        return f"{sender.language}: no end after {_SEND_SECONDS_MAX:g} s"
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode == 0:
        return ""
    said = complaint.decode(errors="replace").splitlines()[-1:]
    return f"{sender.language}: exit code {process.returncode}: {' '.join(said)}"


def _write_orders(sender: Sender, folder: Path) -> Path:
    orders = folder / f"{sender.language}.jsonl"
    orders.write_text("".join(f"{sending.as_order()}\n" for sending in sender.sendings), encoding="utf-8")
    return orders


async def _watch(
    process: asyncio.subprocess.Process, sender: Sender, system: System, tell: Tell
) -> tuple[bytes, bytes]:
    """Wait for a sender's end, saying how much is recorded meanwhile; return what it said."""
    talking = asyncio.create_task(process.communicate())
    while not (await asyncio.wait({talking}, timeout=_TELL_SECONDS))[0]:
        tell(f"{sender.language}: still sending; {await system.consumed():,} events recorded so far")
    return talking.result()


async def await_recorded(system: System, tell: Tell) -> str:
    """Wait until all that is in the topics is recorded; return what is missing, "" when nothing is."""
    sent = sum((await read_ends(system.bootstrap, KIND_BY_TOPIC)).values())
    deadline, told_at = time.monotonic() + SECONDS_MAX, time.monotonic()
    while (recorded := await system.consumed()) < sent:
        if time.monotonic() > deadline:
            return f"only {recorded:,} of {sent:,} records are recorded after {SECONDS_MAX:g} s"
        if time.monotonic() > told_at + _TELL_SECONDS:
            tell(f"recorded {recorded:,} of {sent:,}")
            told_at = time.monotonic()
        await asyncio.sleep(LOOK_SECONDS)
    tell(f"recorded {recorded:,} of {sent:,}")
    return ""
