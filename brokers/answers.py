"""Whether Kafka answers: asked over connections of its own, so that a client that is stuck cannot hide it."""

import asyncio
from collections.abc import Iterable
from typing import Final

from aiokafka.errors import KafkaError, for_code

from brokers.clients import find_partitions, open_admin, open_consumer
from models.topics import Topic

# 10 s for a few requests, each answered within milliseconds, or within 4 s when a leader has just moved.
_ANSWERS_SECONDS_MAX: Final = 10.0


async def answers(bootstrap: str, group: str, topics: Iterable[Topic]) -> bool:
    """Tell whether a group's coordinator and the leader of every partition of topics answer."""
    asking = asyncio.create_task(_ask(bootstrap, group, topics))
    try:  # its end is not waited for: a client that does not answer may not end either
        await asyncio.wait({asking}, timeout=_ANSWERS_SECONDS_MAX)
        return asking.done() and await asking
    finally:
        asking.cancel()


async def _ask(bootstrap: str, group: str, topics: Iterable[Topic]) -> bool:
    """Do it without a limit."""
    try:
        await _ask_coordinator(bootstrap, group)
        await _ask_leaders(bootstrap, topics)
    except (KafkaError, TimeoutError):
        return False
    return True


async def _ask_coordinator(bootstrap: str, group: str) -> None:
    """Ask for the group's members, which only its coordinator knows. Raises KafkaError when it does not."""
    async with open_admin(bootstrap) as admin:
        for answer in await admin.describe_consumer_groups([group]):
            for code, *_group in answer.groups:
                if code:
                    raise for_code(code)


async def _ask_leaders(bootstrap: str, topics: Iterable[Topic]) -> None:
    """Ask for the end of every partition that there is, which only its leader knows."""
    sources = await find_partitions(bootstrap, [topic.name for topic in topics])
    async with open_consumer(bootstrap) as consumer:
        await consumer.end_offsets(sources)
