"""A record on its way to Kafka."""

from typing import NamedTuple


class Outgoing(NamedTuple):
    """One record as it is sent: which topic, the key that chooses the partition, the event in structured mode."""

    topic: str
    key: bytes
    value: bytes
