"""The pure parts of `make interop`: what is sent, and that each verdict is seen to fail. No container, no SDK."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from models.catalogue import KINDS
from models.decoding.one_record import Accepted, decode
from tests.brokers.raw_batches import build
from tests.integration.system import System
from tests.interop.batches import Batch, parse
from tests.interop.clients import CLIENTS, CODECS, MODES, Client, find_version
from tests.interop.plan import Row, Sending, plan_rows, plan_sendings
from tests.interop.seen import Fact, Refusal, Seen
from tests.interop.sending import Sender, send
from tests.interop.table import describe_clients, tabulate
from tests.interop.verdict import find_strangers, judge

ROW = Row(CLIENTS[0].name, "structured", "gzip")
EVENTS = 2 * len(KINDS)
SENDINGS = plan_sendings([ROW], EVENTS)


def _fact(sending: Sending, offset: int) -> Fact:
    """Return the fact that an event becomes, in the partition of its topic that all of a row come to."""
    key, moment = sending.event["data"][sending.kind.business_key], datetime.fromisoformat(sending.event["time"])
    return Fact(sending.event_id, key, moment, sending.kind.topic, 3, offset)


def _seen(
    facts: Sequence[Fact] | None = None, refusals: Sequence[Refusal] = (), codec: str = "gzip", records: int = 2
) -> Seen:
    """Return what is seen when all goes well, with what is given in its place."""
    whole = [_fact(sending, number // len(KINDS)) for number, sending in enumerate(SENDINGS)]
    batches = [Batch(kind.topic, 3, at, at + records - 1, codec) for kind in KINDS for at in range(0, 2, records)]
    return Seen(whole if facts is None else facts, refusals, batches)


def test_every_client_sends_in_every_codec_and_mode() -> None:
    """A row that is not planned is a client that nobody has tried."""
    rows = plan_rows(CLIENTS, {})
    assert len(rows) == len(set(rows)) == len(CLIENTS) * len(MODES) * len(CODECS)


def test_a_codec_that_cannot_be_had_is_left_out_and_said() -> None:
    """A table without it would look complete."""
    lacking = {CLIENTS[0].name: {"zstd": "it does not compile"}}
    assert {row.codec for row in plan_rows(CLIENTS[:1], lacking)} == {*CODECS} - {"zstd"}
    (line,) = describe_clients(CLIENTS[:1], lacking)
    assert line.startswith("left out: ")
    assert line.endswith("zstd: it does not compile")


def test_planned_events_are_valid_of_all_kinds_and_no_two_are_the_same() -> None:
    """What is refused must be the fault of who wrote it."""
    sendings = plan_sendings(plan_rows(CLIENTS[:1], {}), EVENTS)
    assert len({sending.event_id for sending in sendings}) == len(sendings) == len(MODES) * len(CODECS) * EVENTS
    assert {sending.kind for sending in sendings} == {*KINDS}
    for sending in sendings:
        order = json.loads(sending.as_order())
        value, key = json.dumps(order["event"]).encode(), order["event"]["subject"].encode()
        assert isinstance(decode(order["topic"], key, value, (), datetime.now(UTC)), Accepted)
        assert Row(order["client"], order["mode"], order["codec"]) == sending.row


def test_every_event_counted_once_is_exact() -> None:
    """Nothing is wrong, and nothing is said to be."""
    (verdict,) = judge(SENDINGS, _seen())
    assert (verdict.sent, verdict.counted, verdict.batches, verdict.faults) == (EVENTS, EVENTS, len(KINDS), ())
    assert not find_strangers(SENDINGS, _seen())


_WHOLE = _seen().facts
_REFUSED = Refusal("not_json", "", b'{"id": "%s"}' % SENDINGS[0].event_id.encode(), ())
_REFUSED_IN_BINARY = Refusal("not_json", "", b"{", ((b"ce_id", SENDINGS[0].event_id.encode()), (b"none", None)))


@pytest.mark.parametrize(
    ("planted", "faults"),
    [
        (_seen(_WHOLE[1:]), ("1 not counted",)),
        (_seen([*_WHOLE, _WHOLE[0]]), ("1 counted more than once",)),
        (_seen([_WHOLE[0]._replace(occurred_at=datetime.now(UTC)), *_WHOLE[1:]]), ("1 altered",)),
        (_seen([_WHOLE[0]._replace(business_key=_WHOLE[1].business_key), *_WHOLE[1:]]), ("1 altered",)),
        (_seen(_WHOLE[1:], [_REFUSED]), ("1 not counted", "1 refused")),
        (_seen(_WHOLE[1:], [_REFUSED_IN_BINARY]), ("1 not counted", "1 refused")),
        (_seen(codec="none"), ("batches are none",)),
        (_seen(records=1), ("no batch has a second record",)),
        (Seen(_WHOLE, (), ()), ("batches are not in the log", "no batch has a second record")),
    ],
    ids=["missing", "doubled", "moment", "key", "refused", "refused in binary", "codec", "single records", "no batch"],
)
def test_what_is_wrong_with_a_row_is_seen(planted: Seen, faults: tuple[str, ...]) -> None:
    """A check that cannot fail proves nothing."""
    (verdict,) = judge(SENDINGS, planted)
    assert verdict.faults == faults
    (table_row,) = [next(iter(column.cells)) for column in tabulate([verdict]).columns[-1:]]
    assert table_row == "; ".join(faults)


def test_a_refusal_is_counted_in_its_own_row_alone() -> None:
    """Another row's events must not pay for it."""
    others = plan_sendings([ROW._replace(mode="binary")], EVENTS)
    mine, theirs = judge([*SENDINGS, *others], _seen(_WHOLE[1:], [_REFUSED]))
    assert mine.refused == {"not_json ()": 1}
    assert not theirs.refused


def test_a_fact_that_nobody_has_sent_is_found() -> None:
    """It was counted, and no row shows it."""
    assert find_strangers(SENDINGS[1:], _seen()) == [SENDINGS[0].event_id]


@pytest.mark.parametrize(("number", "codec"), [*enumerate(CODECS)])
def test_the_codec_of_a_batch_is_read_from_its_header(number: int, codec: str) -> None:
    """The second is cut off, as a broker cuts what it sends: it is no batch yet."""
    first, second = build(5, b"a" * 100, b"b" * 100, codec=number), build(7, b"c" * 100, codec=number)
    source = TopicPartition("topic", 1)
    assert list(parse(first + second[:-1], source)) == [Batch("topic", 1, 5, 6, codec)]
    assert [batch.last for batch in parse(first + second, source)] == [6, 7]


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_every_client_is_pinned(client: Client) -> None:
    """The table names versions, so they must be known."""
    assert all(re.search(r" \d+\.\d+", name) for name in client.describe())


@pytest.mark.parametrize(
    "pins",
    [
        "kafka==2.16.1 \\",
        "<artifactId>kafka</artifactId>\n  <version>2.16.1</version>",
        "\tkafka v2.16.1\n",
        '"kafka": "2.16.1"',
    ],
)
def test_an_exact_version_is_found_and_a_range_is_not(pins: str) -> None:
    """A range would be another client tomorrow; a longer name is another package."""
    assert find_version(pins, "kafka") == "2.16.1"
    for other in (pins.replace("2.16.1", "^2.16.1"), pins.replace("kafka", "my-kafka")):
        with pytest.raises(LookupError, match="kafka has no exact version"):
            find_version(other, "kafka")


async def test_a_sender_that_fails_is_told_with_its_complaint(tmp_path: Path) -> None:
    """Its events are missing in the table; why, only it can tell."""
    system = System("nowhere:1", "", tmp_path)
    failing = Sender("cobol", ["sh", "-c", "echo at line 7 >&2; echo no such codec >&2; exit 3"], SENDINGS)
    assert await send(failing, system, lambda _line: None) == "cobol: exit code 3: no such codec"
    assert await send(replace(failing, command=["true"]), system, lambda _line: None) == ""
    assert len((tmp_path / "cobol.jsonl").read_text(encoding="utf-8").splitlines()) == EVENTS
