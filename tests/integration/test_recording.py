"""What becomes of records, seen through real Kafka, real Postgres and the processes' own pages."""

import asyncio
import signal
from collections import Counter
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KINDS, LOGINS
from models.outcomes import Duplicate
from models.topics import REFUSED
from tests.integration.bad_records import bad_records
from tests.integration.events import make_event, make_record, to_record
from tests.integration.raw_records import send_with_bad_header_name
from tests.integration.system import System, wait_for_total, wait_until
from upstream.publishing.outgoing import Outgoing


async def test_every_bad_record_is_refused_kept_counted_published_and_the_next_event_counts(system: System) -> None:
    """One bad byte never stops a partition: each item of the list has its own reason, and a valid event follows it."""
    consumer, worker = system.start("consume"), system.start("total")
    bad = list(bad_records())
    for record in bad:
        await system.publish([Outgoing(record.topic, record.key, record.value)])  # type: ignore[arg-type]
        await system.publish([make_record(IDENTITY_RECORDS)])
    await system.await_consumed(2 * len(bad))

    expected = Counter(record.reason.value for record in bad)
    rows = await system.fetch("SELECT reason, count(*) FROM refused GROUP BY reason")
    assert {row[0]: row[1] for row in rows} == expected
    assert await _published_reasons(system, len(bad)) == expected
    counted = {
        dict(labels)["reason"]: value
        for (_name, labels), value in consumer.scrape("onboarding_records_refused_total").items()
        if value
    }
    assert counted == expected
    await wait_for_total(worker, IDENTITY_RECORDS, len(bad))


async def _published_reasons(system: System, records: int) -> Counter[str]:
    """Read so many records of the refused topic and count their reasons."""
    consumer = AIOKafkaConsumer(REFUSED.name, bootstrap_servers=system.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        seen = [await consumer.getone() for _ in range(records)]
    finally:
        await consumer.stop()
    return Counter(dict(record.headers)["onboarding-reason"].decode() for record in seen)


async def test_no_personal_number_is_kept_anywhere(system: System) -> None:
    """A number in the clear in text, key or garbage is masked in Postgres and on the refused topic, and in no log."""
    number = "001099123456"
    system.start("consume")
    topic = IDENTITY_RECORDS.topic
    await system.publish(
        [
            make_record(IDENTITY_RECORDS, data={"desk": f"số {number}"}),
            Outgoing(topic, number.encode(), make_record(IDENTITY_RECORDS).value),
            Outgoing(topic, b"5d" * 32, f"not JSON {number}".encode()),
            make_record(IDENTITY_RECORDS, subject=number),
        ]
    )
    await system.await_consumed(4)
    rows = await system.fetch("SELECT masked, key, value FROM refused")
    assert len(rows) == 4
    assert all(row["masked"] for row in rows)
    assert not any(number.encode() in (row["key"] or b"") + (row["value"] or b"") for row in rows)
    await _published_reasons(system, 4)
    assert not any(number in log.read_text() for log in system.folder.glob("*.log"))


async def test_the_same_fact_again_is_a_duplicate_of_its_kind_and_raises_no_total(system: System) -> None:
    """The same event is a retry, the same content a repeat, the same key with other content a conflict kept whole."""
    consumer, worker = system.start("consume"), system.start("total")
    event = make_event(IDENTITY_RECORDS)
    await system.publish([to_record(IDENTITY_RECORDS, event)])
    await wait_for_total(worker, IDENTITY_RECORDS, 1)
    repeat = event | {"id": make_event(IDENTITY_RECORDS)["id"]}
    conflict = event | {"data": event["data"] | {"province": "48"}, "remark": "an unknown attribute"}
    await system.publish(to_record(IDENTITY_RECORDS, again) for again in (event, repeat, conflict))
    await system.await_consumed(4)

    for duplicate in Duplicate:
        labels = {"topic": IDENTITY_RECORDS.topic, "duplicate": duplicate.value}
        assert consumer.value("onboarding_records_duplicate_total", **labels) == 1
    rows = await system.fetch("SELECT duplicate, content::text FROM duplicate ORDER BY id")
    assert [row[0] for row in rows] == ["retry", "repeat", "conflict"]
    assert [row[1] is None for row in rows] == [True, True, False]
    assert '"48"' in rows[2][1]
    assert "remark" not in rows[2][1]
    await system.publish([make_record(IDENTITY_RECORDS)])
    await wait_for_total(worker, IDENTITY_RECORDS, 2)


async def test_duplicates_within_one_batch_and_across_partitions_count_once(system: System) -> None:
    """Records waiting before the start come in one batch, and the same key under two subjects in two partitions."""
    event = make_event(LOGINS)
    others = [make_event(LOGINS, data={"login_id": event["data"]["login_id"]}) for _ in range(20)]
    system.start("consume").end()  # makes the topics
    await system.publish([to_record(LOGINS, event)] * 3 + [to_record(LOGINS, other) for other in others])
    system.start("consume")
    await system.await_consumed(23)
    rows = await system.fetch("SELECT sum(accepted), sum(retries + repeats + conflicts) FROM progress")
    assert tuple(rows[0]) == (1, 22)  # which record came first, and so what the others are, is Kafka's to choose
    assert (await system.fetch("SELECT count(*) FROM portal_logged_in"))[0][0] == 1


async def test_a_fact_that_another_transaction_commits_meanwhile_counts_once(system: System) -> None:
    """Neither sees the other's row; the second waits for the first at the unique key, and then finds it."""
    system.start("consume")
    await system.publish([make_record(LOGINS)])
    await system.await_consumed(1)
    event = make_event(LOGINS)
    connection = await asyncpg.connect(system.database_url)
    async with connection.transaction():
        await connection.execute(_COPY_UNDER_OTHER_KEY, UUID(event["data"]["login_id"]))
        await system.publish([to_record(LOGINS, event), make_record(LOGINS)])
        await asyncio.to_thread(wait_until, lambda: asyncio.run(_is_waited_for(system)), "a consumer waits for the key")
    await connection.close()
    await system.await_consumed(3)
    rows = await system.fetch("SELECT sum(accepted), sum(conflicts) FROM progress")
    assert tuple(rows[0]) == (2, 1)


# As another owner would have recorded the login, of another citizen.
_COPY_UNDER_OTHER_KEY = """
INSERT INTO portal_logged_in
SELECT $1, event_id, decode(repeat('ab', 32), 'hex'), occurred_at, kafka_partition, kafka_offset, appended_at, source,
    portal
FROM portal_logged_in LIMIT 1"""
_FIND_WAITING = """
SELECT FROM pg_stat_activity WHERE application_name = 'onboarding-consumer' AND wait_event = 'transactionid'"""


async def _is_waited_for(system: System) -> bool:
    """Tell whether a consumer waits for another transaction."""
    return bool(await system.fetch(_FIND_WAITING))


async def test_binary_mode_counts_like_structured_mode(system: System) -> None:
    """The attributes may travel as headers; the same event in both modes is one fact."""
    system.start("consume")
    event = make_event(ACCOUNTS)
    await system.publish([to_record(ACCOUNTS, event)])
    await system.publish_binary(ACCOUNTS, event)
    await system.await_consumed(2)
    rows = await system.fetch("SELECT sum(accepted), sum(retries) FROM progress")
    assert tuple(rows[0]) == (1, 1)


async def test_two_consumers_share_the_partitions_and_a_stopped_one_hands_over(system: System) -> None:
    """Partitions move while records arrive: started, joined, stopped in good order, and every record counts once."""
    first = system.start("consume")
    await system.publish(make_record(KINDS[n % 3]) for n in range(3_000))
    second = system.start("consume")
    await system.publish(make_record(KINDS[n % 3]) for n in range(3_000))
    assert first.end(signal.SIGTERM) == 0
    await system.publish(make_record(KINDS[n % 3]) for n in range(3_000))
    await system.await_consumed(9_000)
    assert (await system.fetch("SELECT sum(accepted) FROM progress"))[0][0] == 9_000
    assert second.read("readyz") == (200, "working\n")


async def test_a_header_name_that_is_not_utf8_stops_no_partition(system: System) -> None:
    """Aiokafka raises while it unpacks such a batch; the record is refused, its neighbours in the batch count."""
    system.start("consume")
    records = [make_record(LOGINS) for _ in range(5)]
    await send_with_bad_header_name(system.bootstrap, records, spoilt=2)
    await system.publish(make_record(LOGINS) for _ in range(20))
    await system.await_consumed(25)
    rows = await system.fetch("SELECT reason, field, kafka_offset FROM refused")
    assert [tuple(row) for row in rows] == [("not_utf8", "headers", 2)]
    assert (await system.fetch("SELECT count(*) FROM portal_logged_in"))[0][0] == 24
