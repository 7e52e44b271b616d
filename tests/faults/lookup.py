"""Asking one certain broker about its cluster: another may be cut off, and tell what used to be."""

from typing import Any

from aiokafka.conn import create_conn
from aiokafka.protocol.api import Request
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.metadata import MetadataRequest

# 3 s: an answer takes milliseconds; a broker that is starting may take no request for longer.
ANSWER_MS_MAX = 3_000
# FindCoordinator asks for consumer groups (0) or for transactions (1).
GROUP = 0


async def find_leader(address: str, topic: str, partition: int) -> int | None:
    """Return the number of the partition's leader, or None while there is none."""
    answer = await _ask(address, MetadataRequest([topic], allow_auto_topic_creation=False))
    leaders = {each["partition"]: each["leader"] for each in answer["topics"][0]["partitions"]}
    return leaders.get(partition)


async def find_coordinator(address: str, group: str) -> int | None:
    """Return the number of the consumer group's coordinator, or None while there is none."""
    answer = await _ask(address, FindCoordinatorRequest(group, GROUP))
    return None if answer["error_code"] else int(answer["coordinator_id"])


async def find_laggards(address: str) -> set[int]:
    """Return the numbers of the brokers that lack records of any partition."""
    answer = await _ask(address, MetadataRequest(None))
    partitions = [each for topic in answer["topics"] for each in topic["partitions"]]
    return {number for each in partitions for number in {*each["replicas"]} - {*each["isr"]}}


async def _ask(address: str, request: Request[Any]) -> dict[str, Any]:
    host, port = address.split(":")
    connection = await create_conn(host, int(port), request_timeout_ms=ANSWER_MS_MAX)
    try:
        answer: dict[str, Any] = (await connection.send(request)).to_object()
    finally:
        connection.close()
    return answer
