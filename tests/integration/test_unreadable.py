"""A batch that cannot be read stops its own partition, not the consumer."""

import asyncio
from typing import Any

from aiokafka import TopicPartition

from models.catalogue import ACCOUNTS, LOGINS
from tests.containers.kafka import KafkaBroker
from tests.integration.events import make_record
from tests.integration.gaps import accept_gap, await_stopped, find_place
from tests.integration.system import System

SUBJECT = "5d" * 32  # of every login here: all of them are in one source partition
_BYTES_FROM_END = 3


async def test_a_batch_with_a_wrong_checksum_stops_its_partition_until_it_is_accepted(
    system: System, kafka_broker: KafkaBroker
) -> None:
    """One byte of the log is spoilt on disk; the other partitions go on, and the records behind it after a word."""
    consumer = system.start("consume")
    await system.publish([make_record(LOGINS, subject=SUBJECT) for _ in range(2)])
    await system.await_consumed(2)
    source = await find_place(system, LOGINS)
    assert consumer.end() == 0
    await system.publish([make_record(LOGINS, subject=SUBJECT)])
    await asyncio.to_thread(_spoil_last_batch, kafka_broker, source)
    await system.publish([make_record(LOGINS, subject=SUBJECT) for _ in range(4)])

    consumer = system.start("consume")
    await await_stopped(consumer, source, 1)
    await system.publish([make_record(ACCOUNTS) for _ in range(20)])
    await system.await_consumed(22)
    assert [row[0] for row in await system.fetch("SELECT kind FROM gap")] == ["unreadable"]
    answer = await accept_gap(system, source, "--why", "one bad disk block", "--offset", "3")
    assert answer.exit_code == 0
    await system.await_consumed(26)
    await await_stopped(consumer, source, 0)


def _spoil_last_batch(broker: KafkaBroker, source: TopicPartition) -> None:
    """Change one byte near the end of a partition's log."""
    path = f"/var/lib/kafka/data/{source.topic}-{source.partition}/00000000000000000000.log"
    place = f"seek=$(($(wc -c < {path}) - {_BYTES_FROM_END}))"
    container: Any = broker.get_wrapped_container()
    command = f"printf '\\252' | dd of={path} bs=1 {place} conv=notrunc"
    code, output = container.exec_run(["sh", "-c", command])
    assert code == 0, output.decode()
