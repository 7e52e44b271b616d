"""Which settings of a topic the counting rests on: the same rules for the consumer that watches and for `doctor`."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from models.topics import INPUTS, Topic

RETENTION: Final = "retention.ms"
CLEANUP: Final = "cleanup.policy"
LARGEST: Final = "max.message.bytes"
_COMPACT: Final = "compact"
# Kafka's own policy, to delete what is old, is right wherever no other one is asked for.
_DEFAULTS: Final = {CLEANUP: "delete"}


class WrongSetting(NamedTuple):
    """A setting of a topic that is not as it must be."""

    name: str
    present: str
    wanted: str


def find_wrong_settings(topic: Topic, config: Mapping[str, str]) -> Iterator[WrongSetting]:
    """Yield what is not as the topic is created; for how long it is kept is judged by the age of backups.

    config -- every setting that Kafka has of it, defaults too
    """
    for name, wanted in {**_DEFAULTS, **topic.config}.items():
        present = config.get(name, "")
        if name == RETENTION or present == wanted or (name == LARGEST and int(present) > int(wanted)):
            continue
        yield WrongSetting(name, present, wanted)


def find_wrong_partitions(topic: Topic, number: int) -> Iterator[WrongSetting]:
    """Yield that a topic has fewer partitions than it is created with, or more where one alone is read.

    number -- how many it has
    """
    if number < topic.partitions or number > topic.partitions == 1:
        yield WrongSetting("partitions", str(number), str(topic.partitions))


def loses_records(topic: Topic, config: Mapping[str, str]) -> bool:
    """Tell whether Kafka removes records of an input that nobody may have recorded."""
    return topic in INPUTS and _COMPACT in config.get(CLEANUP, "").split(",")
