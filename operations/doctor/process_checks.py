"""Whether our processes answer, are members of their groups, and show what they should; whether there is room."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.unavailable import UnavailableError
from operations.doctor.findings import Finding, Level
from operations.doctor.kafka_reading import GroupFacts
from operations.scrape import Answer, Scrape, ask, scrape

_OK: Final = 200
_GIGABYTE: Final = 1_000_000_000
# 1 GB: one segment of one log of Kafka (log.segment.bytes). 100 MB: a few segments of Postgres' log (wal_segment_size).
_FREE_BYTES_LOW: Final = _GIGABYTE
_FREE_BYTES_MIN: Final = _GIGABYTE // 10
_STABLE: Final = "Stable"
_NOBODY: Final = {"Empty", "Dead"}


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What a process answers.

    command, setting -- what starts it, and what says where it is
    page -- None when there is no metrics page
    """

    name: str
    url: str
    command: str
    setting: str
    readiness: Answer | None = None
    page: Scrape | None = None


async def read_process(name: str, url: str, command: str, setting: str) -> ProcessFacts:
    """Ask a process at http://host:port; one that is away has no answers."""
    try:
        readiness = await ask(f"{url}/readyz")
    except UnavailableError:
        return ProcessFacts(name, url, command, setting)
    try:
        page = await scrape(f"{url}/metrics")
    except UnavailableError:
        return ProcessFacts(name, url, command, setting, readiness)
    return ProcessFacts(name, url, command, setting, readiness, page)


def judge_process(found: ProcessFacts) -> Finding:
    """Judge the answers of one process."""
    check = f"{found.name} at {found.url}"
    if found.readiness is None:
        remedy = f"start `{found.command}` there, or let {found.setting} say where it is"
        return Finding(check, Level.FAULT, "does not answer", remedy)
    if found.page is None or not found.page.samples:
        remedy = f"let {found.setting} say where it is: another program listens there"
        return Finding(check, Level.FAULT, "shows no metrics that can be read", remedy)
    if found.readiness.status != _OK:
        text = f"is not ready: {found.readiness.text.strip()}"
        return Finding(check, Level.WARNING, text, "look again in a minute; its log says more")
    return Finding(check, Level.OK, found.readiness.text.strip())


def judge_workers(found: Iterable[ProcessFacts]) -> Finding:
    """One stream worker shows the totals, whatever number stands by."""
    pages = [(worker.url, worker.page) for worker in found if worker.page is not None]
    active = [url for url, page in pages if page.shows_totals]
    if len(active) == 1:
        return Finding("totals", Level.OK, f"shown at {active[0]}, others that stand by: {len(pages) - 1}")
    if not active:
        remedy = "let ONBOARDING_TOTALS_URL name every stream worker; a new one needs seconds"
        return Finding("totals", Level.FAULT, "shown by no stream worker", remedy)
    remedy = "look again in 10 s; if it stays, end all stream workers but one"
    return Finding("totals", Level.FAULT, f"shown by several: {', '.join(active)}", remedy)


def judge_group(name: str, found: GroupFacts, command: str) -> Finding:
    """Judge who shares the work; `command` starts a member."""
    check = f"group {name}"
    if found.state in _NOBODY:
        return Finding(check, Level.FAULT, "has no member: nobody does its work", f"start `{command}`")
    text = f"{found.members} members, {found.state}"
    if found.state != _STABLE:
        return Finding(check, Level.WARNING, text, "look again in 10 s: work is being handed over")
    return Finding(check, Level.OK, text)


def judge_room(folder: str, free_bytes: int) -> Finding:
    """Judge what is free where this machine keeps its state."""
    text = f"{free_bytes / _GIGABYTE:,.1f} GB free at {folder}"
    if free_bytes >= _FREE_BYTES_LOW:
        return Finding("disk", Level.OK, text)
    level = Level.WARNING if free_bytes >= _FREE_BYTES_MIN else Level.FAULT
    return Finding("disk", level, text, "make room, or let ONBOARDING_STATE_DIR name another disk")
