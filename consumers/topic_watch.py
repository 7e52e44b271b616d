"""Watches the shape of topics: settings that the counting rests on, partitions, and how far back Kafka reaches."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final, NoReturn

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from brokers.clients import find_partitions, open_admin, open_consumer, read_configs
from models.topic_rules import RETENTION, find_wrong_partitions, find_wrong_settings, loses_records
from models.topics import INPUTS, TOPICS
from monitoring.metrics import TopicMetrics

_log = logging.getLogger(__name__)

# 15 s: the log cleaner of a broker rests as long between two rounds.
_PAUSE_SECONDS: Final = 15.0
_UNLIMITED: Final = "-1"

Configs = Mapping[str, Mapping[str, str]]  # by topic and name


class TopicWatch:
    """What topics are like, as it was seen last."""

    def __init__(self, bootstrap: str, metrics: TopicMetrics) -> None:
        self._bootstrap = bootstrap
        self._metrics = metrics
        self.losing: frozenset[str] = frozenset()  # input topics from which records vanish that nobody may have

    async def watch(self) -> NoReturn:
        """Look four times a minute; waits for Kafka while it is away."""
        while True:
            try:
                await self._look()
            except (KafkaError, TimeoutError) as error:
                _log.warning("Kafka does not tell what topics are like: %s", type(error).__name__)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _look(self) -> None:
        names = [topic.name for topic in TOPICS]
        sources = await find_partitions(self._bootstrap, names)
        async with open_admin(self._bootstrap) as admin:
            configs = await read_configs(admin, names)
        self.losing = frozenset(topic.name for topic in TOPICS if loses_records(topic, configs[topic.name]))
        self._show_settings(configs, sources)
        await self._show_beginnings([source for source in sources if source.topic in {each.name for each in INPUTS}])

    def _show_settings(self, configs: Configs, sources: list[TopicPartition]) -> None:
        """Show which settings are wrong, and for how long each input keeps a record."""
        self._metrics.wrong.clear()
        for topic in TOPICS:
            number = sum(source.topic == topic.name for source in sources)
            config = configs[topic.name]
            for wrong in (*find_wrong_settings(topic, config), *find_wrong_partitions(topic, number)):
                self._metrics.wrong.labels(topic.name, wrong.name).set(1)
        for topic in INPUTS:
            kept = configs[topic.name][RETENTION]
            self._metrics.retention.labels(topic.name).set(float("inf") if kept == _UNLIMITED else int(kept) / 1000)

    async def _show_beginnings(self, sources: list[TopicPartition]) -> None:
        """Show when the first record of each log was appended, where records before it are gone."""
        async with open_consumer(self._bootstrap) as consumer:
            first = await consumer.offsets_for_times(dict.fromkeys(sources, 0))
        self._metrics.begins.clear()
        for source, found in first.items():
            if found and found.offset > 0:
                self._metrics.begins.labels(*source).set(found.timestamp / 1000)
