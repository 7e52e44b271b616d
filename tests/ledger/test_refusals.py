"""What is kept and published of refused records, whatever they hold."""

from typing import Any
from unittest.mock import Mock

import pytest
from aiokafka import ConsumerRecord
from aiokafka.errors import MessageSizeTooLargeError

from consumers.outbox import _publish
from ledger.refusals import keep

NUMBER = b"001099123456"


def _record(value: bytes | None, key: bytes | None = b"k", headers: Any = ()) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord("t", 0, 0, 0, 1, key, value, 0, 0, 0, headers)


def test_a_record_without_a_number_is_kept_as_it_was() -> None:
    """Bytes that are no text, too."""
    record = _record(b"\xff{", None, (("name", b"\x00"), ("none", None)))
    kept = keep(record)
    assert (kept.key, kept.value, kept.header_names, kept.header_values) == (
        None,
        b"\xff{",
        [b"name", b"none"],
        [b"\x00", b""],
    )
    assert not kept.masked


def test_a_number_is_masked_wherever_it_stands() -> None:
    """In key, value, header name and header value."""
    kept = keep(_record(b"x " + NUMBER, NUMBER, ((NUMBER.decode(), NUMBER),)))
    assert NUMBER not in b"".join([kept.key or b"", kept.value or b"", *kept.header_names, *kept.header_values])
    assert kept.masked


def test_more_than_a_mebibyte_is_withheld() -> None:
    """A compressed record may unpack to hundreds of megabytes."""
    assert keep(_record(b"x" * (1024 * 1024))) == (b"", b"", [], [], True)
    assert not keep(_record(b"x" * (1024 * 1024 - 1))).masked


@pytest.mark.parametrize("raised", [OverflowError(), RecursionError()])
def test_what_cannot_be_looked_through_is_withheld(raised: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is stored: a number might be in it; no memory is another matter."""
    monkeypatch.setattr("ledger.refusals.conceal", Mock(side_effect=raised))
    assert keep(_record(b"{")) == (b"", b"", [], [], True)
    monkeypatch.setattr("ledger.refusals.conceal", Mock(side_effect=MemoryError))
    with pytest.raises(MemoryError):
        keep(_record(b"{"))


class _Producer:
    """Takes records up to a size, as Kafka does."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self.sent: list[dict[str, Any]] = []

    async def send_and_wait(self, _topic: str, **record: Any) -> None:
        """Take a record, or say that it is too large."""
        assert record["key"] is not None or record["value"] is not None  # aiokafka's own assertion
        if len(record["value"] or b"") > self._bytes_max:
            raise MessageSizeTooLargeError
        self.sent.append(record)


def _row(key: bytes | None, value: bytes | None) -> dict[str, Any]:
    place = {"topic": "t", "kafka_partition": 3, "kafka_offset": 9, "reason": "too_large", "field": ""}
    return place | {"key": key, "value": value, "header_names": [b"\xff"], "header_values": [b"v"]}


async def test_a_record_with_neither_key_nor_value_is_published() -> None:
    """No Kafka client takes one; an empty key stands for none."""
    producer = _Producer(100)
    await _publish(producer, _row(None, None))
    assert producer.sent[0]["key"] == b""


async def test_what_kafka_does_not_take_is_published_by_its_place_and_reason() -> None:
    """One such record must not hold up those behind it."""
    producer = _Producer(1)
    await _publish(producer, _row(b"k", b"long"))
    (record,) = producer.sent
    assert record["value"] == b""
    assert dict(record["headers"]) == {
        "onboarding-reason": b"too_large",
        "onboarding-field": b"",
        "onboarding-topic": b"t",
        "onboarding-partition": b"3",
        "onboarding-offset": b"9",
        "onboarding-withheld": b"too large",
    }
