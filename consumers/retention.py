"""How far back Kafka reaches: a Postgres restored from a backup needs every record that came after it."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from brokers.clients import list_partitions, open_admin, open_consumer
from models.topics import INPUTS
from monitoring.metrics import RetentionMetrics

_log = logging.getLogger(__name__)

# 60 s: retention deletes whole segments, some a day.
_PAUSE_SECONDS: Final = 60.0
_RETENTION: Final = "retention.ms"
_UNLIMITED: Final = -1


async def watch_retention(bootstrap: str, metrics: RetentionMetrics) -> NoReturn:
    """Show once a minute how long Kafka keeps records, and where the logs begin; waits for Kafka while it is away."""
    while True:
        try:
            await _show_settings(bootstrap, metrics)
            await _show_beginnings(bootstrap, metrics)
        except (KafkaError, TimeoutError) as error:
            _log.warning("Kafka does not tell how far back it reaches: %s", type(error).__name__)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _show_settings(bootstrap: str, metrics: RetentionMetrics) -> None:
    """Show for how long each input topic keeps a record."""
    wanted = [ConfigResource(ConfigResourceType.TOPIC, topic.name, {_RETENTION: None}) for topic in INPUTS]
    async with open_admin(bootstrap) as admin:
        answers = await admin.describe_configs(wanted)
    for topic, milliseconds in _read_retentions(answers):
        metrics.retention.labels(topic).set(float("inf") if milliseconds == _UNLIMITED else milliseconds / 1000)


def _read_retentions(answers: Iterable[Any]) -> Iterable[tuple[str, int]]:
    """Yield topic and milliseconds from the answers of the brokers."""
    for answer in answers:
        for _code, _message, _type, topic, settings in answer.resources:
            for name, value, *_others in settings:
                if name == _RETENTION:
                    yield topic, int(value)


async def _show_beginnings(bootstrap: str, metrics: RetentionMetrics) -> None:
    """Show when the first record of each log was appended, where records before it are gone."""
    async with open_consumer(bootstrap) as consumer:
        first = await consumer.offsets_for_times(dict.fromkeys(list_partitions(INPUTS), 0))
    metrics.begins.clear()
    for source, found in first.items():
        if found and found.offset > 0:
            metrics.begins.labels(*source).set(found.timestamp / 1000)
