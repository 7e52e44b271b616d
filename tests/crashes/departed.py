"""Tells Kafka that a member of a group is dead, which a killed process cannot do itself.

The coordinator would find out when the session ends, six seconds later; how soon others take over is tested elsewhere.
"""

import asyncio
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.group import LeaveGroupRequest

# 30 s: a broker that is asked for a group for the first time makes its topic of offsets, in a second or two.
_COORDINATOR_SECONDS_MAX: Final = 30.0
_LOOK_SECONDS: Final = 0.1


async def leave_for_the_dead(bootstrap: str, group: str) -> None:
    """Let every member leave the group; none of them is alive."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    try:
        for member in await _members(bootstrap, group):
            await client.send(client.get_random_node(), LeaveGroupRequest(group, member))
    finally:
        await client.close()


async def _members(bootstrap: str, group: str) -> list[str]:
    """Return the ids of the members of a group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        async with asyncio.timeout(_COORDINATOR_SECONDS_MAX):
            answer = await _describe(admin, group)
        return [
            str(member[0])
            for _code, _name, _state, _type, _protocol, members, *_ in answer.groups
            for member in members
        ]
    finally:
        await admin.close()


async def _describe(admin: AIOKafkaAdminClient, group: str) -> Any:
    """Describe a group as soon as it has a coordinator."""
    while True:
        try:
            (answer,) = await admin.describe_consumer_groups([group])
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(_LOOK_SECONDS)
        else:
            return answer
