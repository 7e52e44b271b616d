"""Whether topics are as the counting needs them: partitions, settings, replicas."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from models.topic_rules import LARGEST, RETENTION, find_wrong_settings
from models.topics import TALLIES, Topic
from operations.doctor.findings import Finding, Level

_DAY_MILLISECONDS: Final = 86_400_000
_UNLIMITED: Final = -1
_NO_LEADER: Final = -1
_MIN_IN_SYNC: Final = "min.insync.replicas"
# What a wrong value of it does. Of every other setting of a topic another value is only slower, or larger.
_HARM: Final = {
    "message.timestamp.type": "whether an event is in the future is then judged by the clock of its sender",
    "cleanup.policy": "records that are needed vanish, or those that are not stay",
}


class PartitionFacts(NamedTuple):
    """A partition as Kafka describes it."""

    leader: int
    replicas: int
    in_sync: int


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic as Kafka describes it: its partitions and every setting, defaults too."""

    partitions: tuple[PartitionFacts, ...]
    config: Mapping[str, str]

    @property
    def replicas(self) -> int:
        """The fewest of any partition."""
        return min((part.replicas for part in self.partitions), default=0)

    @property
    def min_in_sync(self) -> int:
        """How many replicas must have a record before it is acknowledged."""
        return int(self.config[_MIN_IN_SYNC])


class Wanted(NamedTuple):
    """What topics are judged by beside their definition.

    backup_days -- age of the oldest backup of Postgres that may have to be restored
    """

    replication_factor: int
    backup_days: float


Add = Callable[[Level, str, str], Finding]


def judge_topic(topic: Topic, found: TopicFacts | None, wanted: Wanted) -> list[Finding]:
    """Compare a topic with what it should be; one finding for each thing that is wrong, else one that says ok."""
    check = f"topic {topic.name}"
    if found is None:
        return [Finding(check, Level.FAULT, "does not exist", "start `onboarding consume`, which creates it")]

    def add(level: Level, text: str, remedy: str) -> Finding:
        return Finding(check, level, text, remedy)

    wrong = [
        *_judge_partitions(topic, found, add),
        *_judge_settings(topic, found, add),
        *_judge_retention(topic, found, wanted.backup_days, add),
        *_judge_replicas(topic, found, wanted.replication_factor, add),
    ]
    return wrong or [Finding(check, Level.OK, f"{len(found.partitions)} partitions, {found.replicas} replicas")]


def _judge_partitions(topic: Topic, found: TopicFacts, add: Add) -> Iterator[Finding]:
    """More partitions are welcome, but of the tallies: they are read by one stream worker."""
    number = len(found.partitions)
    if topic is TALLIES and number != topic.partitions:
        remedy = f"kafka-topics.sh --delete --topic {topic.name}: it is made anew at once, and its pages within seconds"
        yield add(Level.FAULT, f"has {number} partitions, not {topic.partitions}", remedy)
    elif number < topic.partitions:
        remedy = f"kafka-topics.sh --alter --topic {topic.name} --partitions {topic.partitions}"
        yield add(Level.WARNING, f"has {number} partitions, not {topic.partitions}: so many consumers at most", remedy)


def _judge_settings(topic: Topic, found: TopicFacts, add: Add) -> Iterator[Finding]:
    for name, present, value in find_wrong_settings(topic, found.config):
        harm = f": {_HARM[name]}" if name in _HARM else ""
        level = Level.FAULT if name in {*_HARM, LARGEST} else Level.WARNING
        yield add(level, f"{name} is {present}, not {value}{harm}", _alter(topic, name, value))


def _judge_retention(topic: Topic, found: TopicFacts, backup_days: float, add: Add) -> Iterator[Finding]:
    """Whoever restores the oldest backup must find in Kafka what came after it."""
    if RETENTION not in topic.config or (kept := int(found.config[RETENTION])) == _UNLIMITED:
        return
    if kept < backup_days * _DAY_MILLISECONDS:
        text = f"Kafka keeps {kept / _DAY_MILLISECONDS:.1f} days, a backup may be {backup_days:g} days old"
        remedy = f"{_alter(topic, RETENTION, topic.config[RETENTION])}, or lower ONBOARDING_BACKUP_DAYS_MAX"
        yield add(Level.FAULT, text, remedy)


def _judge_replicas(topic: Topic, found: TopicFacts, factor: int, add: Add) -> Iterator[Finding]:
    """Ask that acknowledged records survive the loss of any one broker, and that it does not stop writing."""
    if any(part.leader == _NO_LEADER or part.in_sync < _needed(found, part) for part in found.partitions):
        yield add(Level.FAULT, "a partition cannot be written: too few of its replicas answer", "start their brokers")
    elif any(part.in_sync < part.replicas for part in found.partitions):
        yield add(Level.WARNING, "a replica is missing or late", "check the brokers that are away or slow")
    if found.replicas < factor:
        text = f"has {found.replicas} replicas, ONBOARDING_REPLICATION_FACTOR says {factor}"
        yield add(Level.WARNING, text, "add replicas with kafka-reassign-partitions.sh")
    safe = max(1, found.replicas - 1)
    if found.min_in_sync != safe:
        text = f"{_MIN_IN_SYNC} is {found.min_in_sync} of {found.replicas} replicas, not {safe}"
        harm = (
            "an acknowledged record may be lost with a broker" if found.min_in_sync < safe else "one must not be away"
        )
        yield add(Level.WARNING, f"{text}: {harm}", _alter(topic, _MIN_IN_SYNC, str(safe)))


def _needed(found: TopicFacts, part: PartitionFacts) -> int:
    """Return how many replicas must be there for a write: Kafka asks for no more than there are."""
    return min(found.min_in_sync, part.replicas)


def _alter(topic: Topic, name: str, value: str) -> str:
    """Return the command that sets a setting of a topic."""
    return f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} --add-config {name}={value}"
