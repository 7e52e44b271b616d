"""Clients raise errors of Kafka for what becomes of Kafka."""

from types import SimpleNamespace

import pytest
from aiokafka.errors import NodeNotReadyError

from brokers import clients


async def test_without_a_controller_kafka_is_away() -> None:
    """In the seconds in which none is elected, or known: whoever asks tries again, and does not end."""

    async def update() -> None:
        """Learn of no controller."""

    admin = clients._Admin()  # noqa: SLF001 - which open_admin gives to others
    admin._client = SimpleNamespace(cluster=SimpleNamespace(controller=None), force_metadata_update=update)  # noqa: SLF001 - never started
    with pytest.raises(NodeNotReadyError):
        await admin.create_topics([])
