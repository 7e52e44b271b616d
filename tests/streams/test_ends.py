"""By where the topic ended when, a page has an age."""

import asyncio
import time
from collections.abc import Iterator
from math import inf

import pytest
from aiokafka.errors import KafkaConnectionError

from streams import ends
from streams.ends import Ends


def test_a_record_is_younger_than_the_last_look_that_did_not_reach_it() -> None:
    """Also where the topic became shorter since, as after a leader was lost."""
    looked = Ends()
    assert looked.written_after(5) == -inf
    for at, end in ((1.0, 5), (2.0, 6), (3.0, 6), (4.0, 9), (5.0, 8)):
        looked.note(at, end)
    assert [looked.written_after(offset) for offset in range(4, 10)] == [-inf, 1.0, 3.0, 3.0, 5.0, 5.0]


async def test_a_look_counts_from_before_it_and_one_that_fails_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record may have been written while the answer was on its way."""
    monkeypatch.setattr(ends, "_LOOK_SECONDS", 0.0)
    answers: Iterator[int | Exception] = iter([KafkaConnectionError("away"), TimeoutError(), 7])
    answered, looked = asyncio.Event(), Ends()

    async def ask() -> int:
        answer = next(answers, None)
        if answer is None:
            answered.set()
            await asyncio.Future()
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, int)
        await asyncio.sleep(0.05)
        answered_at.append(time.monotonic())
        return answer

    answered_at: list[float] = []
    following = asyncio.create_task(looked.follow(ask))
    await answered.wait()
    following.cancel()
    assert looked.written_after(6) == -inf
    assert -inf < looked.written_after(7) < answered_at[0]
