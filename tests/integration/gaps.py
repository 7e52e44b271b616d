"""What tests about gaps share: where records are, whether a partition is stopped, and a person's word."""

import asyncio

from aiokafka import TopicPartition
from click.testing import CliRunner, Result

from models.catalogue import Kind
from onboarding.cli.main import main
from tests.integration.system import Process, System, wait_until


async def find_place(system: System, kind: Kind) -> TopicPartition:
    """Return the one source partition that facts of a kind are in."""
    (row,) = await system.fetch(f"SELECT DISTINCT kafka_partition FROM {kind.table}")
    return TopicPartition(kind.topic, row[0])


async def await_stopped(consumer: Process, source: TopicPartition, stopped: int) -> None:
    """Wait until a consumer shows a source partition as stopped (1) or not (0)."""
    labels = {"topic": source.topic, "partition": str(source.partition)}
    await asyncio.to_thread(
        wait_until,
        lambda: consumer.value("onboarding_partition_stopped", **labels) == stopped,
        f"stopped is {stopped} for {source}",
    )


async def accept_gap(system: System, source: TopicPartition, *words: str) -> Result:
    """Type `onboarding accept-gap` on the system."""
    environment = {"KAFKA_BOOTSTRAP_SERVERS": system.bootstrap, "DATABASE_URL": system.database_url}
    arguments = ["accept-gap", source.topic, str(source.partition), *words]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments, env=environment)
