"""Empties a shared broker between tests: topics have fixed names, so the next test must not see the last one's."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NonEmptyGroup, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

# 30 s: a deletion shows within a second; a broker just restarted needs to elect leaders first.
GONE_SECONDS_MAX = 30
# 0.05 s: a look costs about one millisecond.
LOOK_SECONDS = 0.05


async def clean(bootstrap: str) -> None:
    """Delete every topic that is not Kafka's own and every consumer group, and wait until they are gone.

    A member that was killed stays in its group until its session ends, and a broker that was frozen may refuse the
    first requests: both are waited for. Raises TimeoutError when a group still has members after that: a test left a
    consumer running.
    """
    async with asyncio.timeout(GONE_SECONDS_MAX):
        while True:
            if await _try_to_clean(bootstrap):
                return
            await asyncio.sleep(LOOK_SECONDS)


async def _try_to_clean(bootstrap: str) -> bool:
    """Delete what is there; tell whether the broker answered to the end."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        while found := await groups(admin):
            await _delete_groups(bootstrap, found)
            await asyncio.sleep(LOOK_SECONDS)
        await _delete_topics(admin)
    except KafkaError as error:
        if not error.retriable:
            raise
        return False  # it has just come back, and still reads its groups or knows of no broker, not even itself
    finally:
        await admin.close()
    return True


async def topics(admin: AIOKafkaAdminClient) -> list[str]:
    """Return the names of the topics that are not Kafka's own."""
    return [name for name in await admin.list_topics() if not name.startswith("__")]


async def groups(admin: AIOKafkaAdminClient) -> list[str]:
    """Return the names of all consumer groups."""
    return [group for group, *_ in await admin.list_consumer_groups()]


async def _delete_topics(admin: AIOKafkaAdminClient) -> None:
    while found := await topics(admin):
        await admin.delete_topics(found)
        await asyncio.sleep(LOOK_SECONDS)


async def _delete_groups(bootstrap: str, names: list[str]) -> None:
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        answer = await client.send(client.get_random_node(), DeleteGroupsRequest(names))
    finally:
        await client.close()
    for name, code in answer.results:
        if code not in {0, NonEmptyGroup.errno}:
            raise for_code(code)(f"consumer group {name} could not be deleted")
