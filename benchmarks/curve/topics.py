"""Full topics for every traffic: filled once, in a broker's folder of their own, and started when they are wanted.

The product reads topics of fixed names, so each traffic has a whole Kafka; only one runs at a time.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.curve.points import Traffic
from benchmarks.stage.servers import Report, fill_topics, open_kafka, removed_data
from benchmarks.stage.traffic import enlarge, make_traffic
from models.topics import INPUTS, TOPICS, Topic
from onboarding.local.embedded.kafka import EmbeddedKafka
from upstream.publishing.outgoing import Outgoing


@dataclass(frozen=True)
class Filled:
    """A broker's folder with full topics.

    event_bytes -- the mean size of an event, without its key
    """

    folder: Path
    records: int
    event_bytes: float


@dataclass
class _Scale:
    """Weighs what passes."""

    records: int = 0
    bytes_all: int = 0

    def weigh(self, traffic: Iterable[Outgoing]) -> Iterator[Outgoing]:
        """Yield the same records."""
        for record in traffic:
            self.records += 1
            self.bytes_all += len(record.value)
            yield record


@dataclass(frozen=True)
class TopicStore:
    """Every traffic that was filled.

    events -- distinct events in each
    stack -- at its end what is stored goes
    """

    folder: Path
    events: int
    report: Report
    stack: ExitStack
    filled: dict[Traffic, Filled] = field(default_factory=dict)

    def fill(self, traffic: Traffic) -> None:
        """Fill topics where that is not done yet."""
        if traffic not in self.filled:
            folder = self.folder / f"traffic-{len(self.filled)}"
            self.stack.enter_context(removed_data(folder))
            with open_kafka(folder, self.report) as kafka:
                self.filled[traffic] = asyncio.run(self._publish(kafka.bootstrap, traffic, folder))

    async def _publish(self, bootstrap: str, traffic: Traffic, folder: Path) -> Filled:
        """Create the topics of a broker, and publish to them."""
        scale = _Scale()
        made = make_traffic(self.events, traffic.duplicates, ordered=traffic.ids == "v7")
        weighed = scale.weigh(enlarge(made, traffic.event_bytes_min))
        expected = self.events + int(self.events * traffic.duplicates)
        await fill_topics(bootstrap, _describe_topics(traffic.partitions), weighed, expected)
        return Filled(folder, scale.records, scale.bytes_all / scale.records)

    @contextmanager
    def open(self, traffic: Traffic) -> Iterator[tuple[EmbeddedKafka, Filled]]:
        """Run the broker of a traffic that was filled."""
        filled = self.filled[traffic]
        with open_kafka(filled.folder, _say_nothing) as kafka:
            yield kafka, filled


@contextmanager
def open_topics(folder: Path, events: int, report: Report) -> Iterator[TopicStore]:
    """Give a store without any topics; what it stores goes after the block."""
    with ExitStack() as stack:
        yield TopicStore(folder, events, report, stack)


def _describe_topics(partitions: int) -> list[Topic]:
    """Return all topics, the input topics with so many partitions."""
    return [replace(topic, partitions=partitions) if topic in INPUTS else topic for topic in TOPICS]


def _say_nothing(_line: str) -> None:
    """Be silent about a start that is one of many."""
