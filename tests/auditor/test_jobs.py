"""Jobs that cannot be done are tried again, told once that lasts, and never held for work."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError

from auditor import jobs
from auditor.jobs import Job, Jobs
from ledger.unavailable import UnavailableError
from runtime.health import Health

Work = Callable[[], Coroutine[Any, Any, None]]


def _make(name: str, work: Work, seconds_max: float = 5.0) -> Job:
    return Job(name=name, work=work, pause_seconds=0.01, seconds_max=seconds_max)


async def _run_for(seconds: float, health: Health, *todo: Job) -> None:
    """Do jobs for a while. Raises what ends them."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(Jobs(health).run(*todo), seconds)


async def _hang() -> None:
    await asyncio.Future()


async def _work() -> None:
    pass


def _fail(error: Exception) -> Work:
    async def work() -> None:
        raise error

    return work


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(jobs, "_LOOK_SECONDS", 0.01)


async def test_every_job_that_could_not_be_done_is_named_with_what_it_waits_for() -> None:
    """By the first line of what was wrong; one that was done is not named."""
    health = Health()
    away = _make("recount", _fail(UnavailableError("Postgres does not answer: check it\nmore")))
    silent = _make("closing of days", _fail(KafkaConnectionError()))
    hung = _make("newest recount", _hang, seconds_max=0.02)
    await _run_for(0.3, health, away, silent, hung, _make("others", _work))
    assert health.describe() == (
        "waiting for closing of days: KafkaConnectionError; "
        "newest recount: not done within 0.02 s, given up; "
        "recount: Postgres does not answer: check it"
    )


async def test_a_short_absence_is_nobodys_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is started again is back before anybody could do something."""
    monkeypatch.setattr(jobs, "_PATIENCE_SECONDS", 20.0)
    health = Health()
    await _run_for(0.1, health, _make("recount", _fail(TimeoutError())))
    assert health.ready


async def test_what_was_done_at_last_is_not_waited_for_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was wrong before."""
    monkeypatch.setattr(jobs, "_RETRY_SECONDS_MIN", 0.05)
    health, tries = Health(), list[Exception | None]([UnavailableError("away"), None])

    async def work() -> None:
        if tries and (error := tries.pop(0)):
            raise error

    await _run_for(0.3, health, _make("recount", work))
    assert health.ready
    assert not tries


async def test_a_bug_in_a_job_ends_the_process() -> None:
    """It would be hidden for ever else."""
    with pytest.raises(ExceptionGroup) as raised:
        await Jobs(Health()).run(_make("recount", _fail(ZeroDivisionError("planted"))), _make("others", _hang))
    assert raised.group_contains(ZeroDivisionError, match="planted")
