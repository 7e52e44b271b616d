"""Tells Kafka that a member of a group is dead, which a killed process cannot do itself.

The coordinator would find out when the session ends, six seconds later; how soon others take over is tested elsewhere.
"""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.group import LeaveGroupRequest


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
        (answer,) = await admin.describe_consumer_groups([group])
        return [
            str(member[0])
            for _code, _name, _state, _type, _protocol, members, *_ in answer.groups
            for member in members
        ]
    finally:
        await admin.close()
