"""A process works until it is to end; how it begins and ends as a whole is seen in processes, in tests/integration."""

import asyncio

import pytest

from runtime.process import unless_ended


@pytest.fixture
async def end() -> asyncio.Future[None]:
    """Give the end of a process that is not asked to end yet."""
    return asyncio.get_running_loop().create_future()


async def _work() -> str:
    await asyncio.sleep(0)
    return "done"


async def _work_for_ever(cancelled: asyncio.Event) -> str:
    try:
        await asyncio.Event().wait()
        return "done"
    finally:
        cancelled.set()


async def _fail() -> None:
    raise ZeroDivisionError


async def test_work_that_is_done_first_gives_its_result(end: asyncio.Future[None]) -> None:
    """And the process goes on."""
    assert await unless_ended(end, _work()) == "done"
    assert not end.done()


async def test_work_is_given_up_when_the_process_is_to_end(end: asyncio.Future[None]) -> None:
    """It has no result then."""
    cancelled = asyncio.Event()
    asyncio.get_running_loop().call_soon(end.set_result, None)
    assert await unless_ended(end, _work_for_ever(cancelled)) is None
    async with asyncio.timeout(60):
        await cancelled.wait()


async def test_what_work_fails_by_ends_the_process(end: asyncio.Future[None]) -> None:
    """Its caller, the skeleton, says so and ends it."""
    with pytest.raises(ZeroDivisionError):
        await unless_ended(end, _fail())


async def test_what_escaped_elsewhere_ends_the_process(end: asyncio.Future[None]) -> None:
    """A part that only reports its bug, as the agents of Faust do, sets it as the end."""
    cancelled = asyncio.Event()
    asyncio.get_running_loop().call_soon(end.set_exception, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await unless_ended(end, _work_for_ever(cancelled))
