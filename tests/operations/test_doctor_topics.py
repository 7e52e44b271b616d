"""Each thing that can be wrong with a topic is planted once, and told with the command that mends it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from models.topics import INPUTS, REFUSED, TALLIES, Topic
from operations.doctor.findings import Level
from operations.doctor.topic_checks import PartitionFacts, TopicFacts, Wanted, judge_topic

INPUT = INPUTS[0]
WANTED = Wanted(replication_factor=3, backup_days=14)
WHOLE = PartitionFacts(leader=1, replicas=3, in_sync=3)
SETTINGS = {"cleanup.policy": "delete", "min.insync.replicas": "2"}


def make_facts(topic: Topic, changed: Mapping[str, str] | None = None, part: PartitionFacts = WHOLE) -> TopicFacts:
    """Return a topic as it should be on three brokers, but for what is given."""
    return TopicFacts((part,) * topic.partitions, {**SETTINGS, **topic.config, **(changed or {})})


@pytest.mark.parametrize("topic", [INPUT, REFUSED, TALLIES], ids=lambda topic: topic.name)
def test_a_topic_as_it_was_created_is_ok(topic: Topic) -> None:
    """One line, and nothing to do."""
    (finding,) = judge_topic(topic, make_facts(topic), WANTED)
    assert (finding.level, finding.remedy) == (Level.OK, "")


def test_what_is_better_than_it_must_be_is_ok() -> None:
    """More partitions are welcome, and so are longer retention and larger records."""
    more = replace(make_facts(INPUT, {"retention.ms": "-1"}), partitions=(WHOLE,) * 16)
    assert [finding.level for finding in judge_topic(INPUT, more, WANTED)] == [Level.OK]
    larger = make_facts(REFUSED, {"max.message.bytes": "99999999"})
    assert [finding.level for finding in judge_topic(REFUSED, larger, WANTED)] == [Level.OK]
    less = make_facts(INPUT, {"retention.ms": str(14 * 86_400_000)})
    assert [finding.level for finding in judge_topic(INPUT, less, WANTED)] == [Level.OK]


@pytest.mark.parametrize(
    ("topic", "changed", "level", "told"),
    [
        (INPUT, {"message.timestamp.type": "CreateTime"}, Level.FAULT, "the clock of its sender"),
        (INPUT, {"cleanup.policy": "compact"}, Level.FAULT, "not delete"),
        (TALLIES, {"cleanup.policy": "delete"}, Level.FAULT, "not compact"),
        (TALLIES, {"segment.ms": "604800000"}, Level.WARNING, "segment.ms is 604800000, not 60000"),
        (REFUSED, {"max.message.bytes": "1048588"}, Level.FAULT, "max.message.bytes is 1048588"),
        (INPUT, {"retention.ms": "604800000"}, Level.FAULT, "Kafka keeps 7.0 days, a backup may be 14 days old"),
        (INPUT, {"min.insync.replicas": "1"}, Level.WARNING, "may be lost with a broker"),
        (INPUT, {"min.insync.replicas": "3"}, Level.WARNING, "one must not be away"),
    ],
    ids=["timestamps", "compacted", "not compacted", "segments", "small", "retention", "unsafe", "brittle"],
)
def test_a_wrong_setting_is_told_with_what_sets_it(
    topic: Topic, changed: Mapping[str, str], level: Level, told: str
) -> None:
    """Typed as it stands, with the address of Kafka, it mends it."""
    (finding,) = judge_topic(topic, make_facts(topic, changed), WANTED)
    (name,) = changed
    assert (finding.check, finding.level) == (f"topic {topic.name}", level)
    assert told in finding.text
    alter = f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} --add-config {name}="
    assert finding.remedy.startswith(alter)


@pytest.mark.parametrize(
    ("part", "level", "told"),
    [
        (PartitionFacts(leader=-1, replicas=3, in_sync=2), Level.FAULT, "cannot be written"),
        (PartitionFacts(leader=1, replicas=3, in_sync=1), Level.FAULT, "cannot be written"),
        (PartitionFacts(leader=1, replicas=3, in_sync=2), Level.WARNING, "a replica is missing or late"),
    ],
    ids=["no leader", "too few", "one late"],
)
def test_replicas_that_are_away_are_told(part: PartitionFacts, level: Level, told: str) -> None:
    """Before the next one is."""
    (finding,) = judge_topic(INPUT, make_facts(INPUT, part=part), WANTED)
    assert (finding.level, told in finding.text) == (level, True)


def test_fewer_replicas_than_the_setting_says_are_told() -> None:
    """Topics that were created before the setting was changed keep what they had."""
    alone = make_facts(INPUT, {"min.insync.replicas": "1"}, PartitionFacts(leader=1, replicas=1, in_sync=1))
    (finding,) = judge_topic(INPUT, alone, WANTED)
    assert (finding.level, finding.remedy) == (Level.WARNING, "add replicas with kafka-reassign-partitions.sh")
    assert [each.level for each in judge_topic(INPUT, alone, Wanted(1, 14))] == [Level.OK]


def test_a_wrong_number_of_partitions_is_told() -> None:
    """Of the tallies there is one, for one stream worker reads them all."""
    few = replace(make_facts(INPUT), partitions=(WHOLE,) * 3)
    assert [finding.level for finding in judge_topic(INPUT, few, WANTED)] == [Level.WARNING]
    (finding,) = judge_topic(TALLIES, replace(make_facts(TALLIES), partitions=(WHOLE,) * 2), WANTED)
    assert (finding.level, finding.text) == (Level.FAULT, "has 2 partitions, not 1")


def test_a_missing_topic_is_told() -> None:
    """With what makes it."""
    (finding,) = judge_topic(INPUT, None, WANTED)
    assert (finding.level, "onboarding consume" in finding.remedy) == (Level.FAULT, True)


def test_kafka_asks_for_no_more_replicas_than_there_are() -> None:
    """With min.insync.replicas above the replicas a partition is written all the same, and `doctor` says no other."""
    facts = make_facts(INPUT, {"min.insync.replicas": "4"})
    (finding,) = judge_topic(INPUT, facts, WANTED)
    assert (finding.level, "one must not be away" in finding.text) == (Level.WARNING, True)
