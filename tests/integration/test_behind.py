"""A stream worker that starts with a day's worth of pages behind it: more than compaction ever leaves."""

import asyncio
import signal
import time

import pytest
from aiokafka import AIOKafkaProducer

from models.catalogue import KINDS, Kind
from models.places import PROVINCE_CODES
from models.tally import Page
from models.topics import PARTITIONS, TALLIES
from tests.integration.system import System
from tests.integration.traffic import run_traffic

# Ten a second of each of 24 source partitions are 14,400 a minute, which is about when they are compacted.
_PAGES = 100_000
_BATCH_BYTES = 900_000


async def test_totals_move_soon_after_a_kill_with_a_hundred_thousand_pages_behind(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    """First another worker takes over, then the same one is started again; the pages are of an older epoch."""
    system.start("consume")
    await _announce_old_pages(system.bootstrap)
    workers = [system.start("total"), system.start("total")]
    async with run_traffic(system, workers) as traffic:
        killed_at = time.monotonic()
        await asyncio.to_thread(workers[0].end, signal.SIGKILL)
        await traffic.await_moving()
        taken_over = time.monotonic() - killed_at
        killed_at = time.monotonic()
        await asyncio.to_thread(workers[1].end, signal.SIGKILL)
        workers.append(await asyncio.to_thread(system.start, "total"))
        await traffic.await_moving()
        restarted = time.monotonic() - killed_at
    with capsys.disabled():
        print(f"\n{_PAGES} pages behind: moved {taken_over:.1f} s after a kill, alone {restarted:.1f} s")  # noqa: T201 - figures of every run


async def _announce_old_pages(bootstrap: str) -> None:
    """Fill the tallies topic with pages of an epoch before every real one, each newer than the one before it."""
    pages = [_make_page(kind, partition) for kind in KINDS for partition in range(PARTITIONS)]
    texts = [(f"{page.topic}/{page.partition}".encode(), page.model_dump_json().encode()) for page in pages]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=_BATCH_BYTES) as producer:
        batch = producer.create_batch()
        for number in range(_PAGES):
            key, text = texts[number % len(texts)]
            value = text.replace(b'"revision":0', b'"revision":%d' % number)
            if batch.append(key=key, value=value, timestamp=None) is None:
                await (await producer.send_batch(batch, TALLIES.name, partition=0))
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
        await (await producer.send_batch(batch, TALLIES.name, partition=0))


def _make_page(kind: Kind, partition: int) -> Page:
    """Return a page as wide as they get."""
    by_province = dict.fromkeys(PROVINCE_CODES, 123_456)
    return Page(
        topic=kind.topic,
        partition=partition,
        partitions=PARTITIONS,
        epoch=0,
        revision=0,
        newest_at=None,
        totals={"all": {"": 7_777_777}, "province": by_province},
        days={},
    )
