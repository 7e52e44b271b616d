"""Each setting that the counting rests on is told when it is another one, and nothing else is."""

import pytest

from models.topic_rules import WrongSetting, find_wrong_partitions, find_wrong_settings, loses_records
from models.topics import CLAIMS, INPUTS, REFUSED, TALLIES, Topic

INPUT = INPUTS[0]


@pytest.mark.parametrize("topic", [INPUT, REFUSED, TALLIES, CLAIMS], ids=lambda topic: topic.name)
def test_a_topic_as_it_is_created_is_right(topic: Topic) -> None:
    """With Kafka's own policy where none is asked for."""
    config = {"cleanup.policy": "delete", **topic.config}
    assert [*find_wrong_settings(topic, config), *find_wrong_partitions(topic, topic.partitions)] == []
    assert not loses_records(topic, config)


@pytest.mark.parametrize("policy", ["compact", "compact,delete", "delete,compact"])
def test_an_input_that_is_compacted_loses_records(policy: str) -> None:
    """With either order of both policies; what we compact ourselves is meant so."""
    config = {**INPUT.config, "cleanup.policy": policy}
    assert loses_records(INPUT, config)
    assert list(find_wrong_settings(INPUT, config)) == [WrongSetting("cleanup.policy", policy, "delete")]
    assert not loses_records(TALLIES, {**TALLIES.config, "cleanup.policy": policy})


@pytest.mark.parametrize(
    ("topic", "number", "wrong"),
    [(INPUT, 7, True), (INPUT, 9, False), (TALLIES, 3, True), (CLAIMS, 2, True), (REFUSED, 1, True)],
)
def test_fewer_partitions_are_wrong_and_more_where_one_is_read(topic: Topic, number: int, wrong: bool) -> None:  # noqa: FBT001
    """More of an input are welcome."""
    assert bool(list(find_wrong_partitions(topic, number))) == wrong


def test_what_kafka_does_not_tell_is_wrong() -> None:
    """A setting of which nothing is known is not one that is right."""
    assert {wrong.name for wrong in find_wrong_settings(INPUT, {})} == {"cleanup.policy", "message.timestamp.type"}
