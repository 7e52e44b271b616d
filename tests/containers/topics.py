"""Settings of topics, changed under whoever uses them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from brokers.clients import open_admin
from models.topics import INPUTS

_CREATED: Final = {topic.name: topic.config for topic in INPUTS}


async def set_input(bootstrap: str, name: str, changed: Mapping[str, str] = MappingProxyType({})) -> None:
    """Give an input the settings that it is created with, but for some. Raises aiokafka.errors.KafkaError."""
    async with open_admin(bootstrap) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, {**_CREATED[name], **changed})])
