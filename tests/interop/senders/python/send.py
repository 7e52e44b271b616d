"""Sends events with the CloudEvents SDK of Python and confluent-kafka: `python send.py BOOTSTRAP FILE`."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from cloudevents.core.bindings import kafka
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1 import http
from cloudevents.v1 import kafka as kafka_v1
from confluent_kafka import KafkaException, Producer

Order = Mapping[str, Any]

# 1 s: long enough that what is sent in one go becomes one batch a partition; flush() does not wait for it.
_LINGER_MILLISECONDS: Final = 1_000
# 60 s: hundreds of times what a broker takes; then it is not there.
_SECONDS_MAX: Final = 60.0


def main(bootstrap: str, path: Path) -> str | None:
    """Send what a file of JSON lines orders; return what failed, None when all is acknowledged."""
    orders = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    failures: list[str] = []
    for (_client, _mode, codec), alike in groupby(orders, key=itemgetter("client", "mode", "codec")):
        failures += send(bootstrap, codec, alike)
    return failures[0] if failures else None


def send(bootstrap: str, codec: str, orders: Iterable[Order]) -> list[str]:
    """Send events with a codec, and return what was not acknowledged. Raises KafkaException."""
    failures: list[str] = []

    def note(error: object, _message: object) -> None:
        if error is not None:
            failures.append(str(error))

    settings = {"compression.type": codec, "linger.ms": _LINGER_MILLISECONDS, "enable.idempotence": True}
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0, **settings})
    for order in orders:
        write = WRITERS[order["client"], order["mode"]]
        message = write(order)
        producer.produce(order["topic"], message.value, message.key, headers=message.headers, on_delivery=note)
    if left := producer.flush(_SECONDS_MAX):
        failures.append(f"{left} records are not acknowledged")
    return failures


def binary(order: Order) -> Any:
    """Return an event in binary mode."""
    return kafka.to_binary_event(_build(order), key_mapper=_subject_of)


def structured(order: Order) -> Any:
    """Return an event in structured mode."""
    return kafka.to_structured_event(_build(order), key_mapper=_subject_of)


def binary_v1(order: Order) -> Any:
    """Return an event in binary mode, as the SDK wrote it before 2.0."""
    write_data = _as_it_is if order["bytes"] else None
    return kafka_v1.to_binary(_build_v1(order), write_data, key_mapper=lambda event: event["subject"])


def structured_v1(order: Order) -> Any:
    """Return an event in structured mode, as the SDK wrote it before 2.0: under the media type of the data."""
    return kafka_v1.to_structured(_build_v1(order), key_mapper=lambda event: event["subject"])


WRITERS: Final[Mapping[tuple[str, str], Callable[[Order], Any]]] = {
    ("confluent-kafka", "binary"): binary,
    ("confluent-kafka", "structured"): structured,
    ("confluent-kafka, 1.x", "binary"): binary_v1,
    ("confluent-kafka, 1.x", "structured"): structured_v1,
}


def _build(order: Order) -> CloudEvent:
    attributes = _attributes_of(order)
    return CloudEvent({**attributes, "time": datetime.fromisoformat(attributes["time"])}, _data_of(order))


def _build_v1(order: Order) -> http.CloudEvent:
    return http.CloudEvent(_attributes_of(order), _data_of(order))


def _attributes_of(order: Order) -> dict[str, Any]:
    return {name: value for name, value in order["event"].items() if name != "data"}


def _data_of(order: Order) -> Any:
    data = order["event"]["data"]
    return json.dumps(data).encode() if order["bytes"] else data


def _subject_of(event: CloudEvent) -> str | None:
    subject: str | None = event.get_subject()
    return subject


def _as_it_is(data: bytes) -> bytes:
    return data


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], Path(sys.argv[2])))
    except KafkaException as error:
        sys.exit(f"{error}")
