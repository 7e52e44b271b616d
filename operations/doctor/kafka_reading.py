"""Asks Kafka what `doctor` judges: brokers, topics with every setting, and who is in a consumer group."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code

from brokers.clients import open_admin, read_configs
from operations.doctor.topic_checks import PartitionFacts, TopicFacts

_UNKNOWN_TOPIC: Final = 3  # of https://kafka.apache.org/protocol#protocol_error_codes


class GroupFacts(NamedTuple):
    """A consumer group as its coordinator describes it."""

    state: str
    members: int


class KafkaFacts(NamedTuple):
    """What Kafka says of itself; a topic or group that does not exist is left out."""

    brokers: int
    topics: Mapping[str, TopicFacts]
    groups: Mapping[str, GroupFacts]


async def read_kafka(bootstrap: str, topics: Collection[str], groups: Collection[str]) -> KafkaFacts:
    """Ask Kafka. Raises aiokafka.errors.KafkaError when it is away."""
    async with open_admin(bootstrap) as admin:
        brokers = (await admin.describe_cluster())["brokers"]
        found = await _read_topics(admin, topics)
        return KafkaFacts(len(brokers), found, {name: await _read_group(admin, name) for name in groups})


async def _read_topics(admin: AIOKafkaAdminClient, names: Collection[str]) -> dict[str, TopicFacts]:
    described = await admin.describe_topics([*names])
    for topic in described:
        if topic["error_code"] not in {0, _UNKNOWN_TOPIC}:
            raise for_code(topic["error_code"])
    there = [topic for topic in described if not topic["error_code"]]
    configs = await read_configs(admin, [topic["topic"] for topic in there])
    return {topic["topic"]: TopicFacts(_partitions(topic), configs[topic["topic"]]) for topic in there}


def _partitions(topic: Mapping[str, Any]) -> tuple[PartitionFacts, ...]:
    return tuple(
        PartitionFacts(part["leader"], len(part["replicas"]), len(part["isr"])) for part in topic["partitions"]
    )


async def _read_group(admin: AIOKafkaAdminClient, name: str) -> GroupFacts:
    """Ask for one group: of an answer about several aiokafka 0.14 cannot read but the first."""
    ((answer,),) = [found.groups for found in await admin.describe_consumer_groups([name])]
    code, _name, state, _type, _protocol, members, *_others = answer
    if code:
        raise for_code(code)
    return GroupFacts(state, len(members))
