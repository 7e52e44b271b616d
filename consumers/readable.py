"""Whether the next batch of a log can be read: asked by a client of its own, which reads nothing else."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException, OffsetOutOfRangeError

from brokers.timing import REQUEST_MILLISECONDS

# 500 ms: a broker answers within a few when there is something to read.
_WAIT_MILLISECONDS = 500


async def is_readable(bootstrap: str, source: TopicPartition, offset: int) -> bool:
    """Tell whether the batch at an offset is whole. Raises aiokafka.errors.KafkaError when Kafka cannot be asked."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, request_timeout_ms=REQUEST_MILLISECONDS, auto_offset_reset="none"
    )
    try:
        await consumer.start()
        consumer.assign([source])
        consumer.seek(source, offset)
        await consumer.getmany(timeout_ms=_WAIT_MILLISECONDS, max_records=1)
    except CorruptRecordException:
        return False
    except OffsetOutOfRangeError:  # a gap of another kind
        return True
    finally:
        await consumer.stop()
    return True
