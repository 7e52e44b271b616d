"""Topics of ours that somebody deletes while everything runs: they are made again, and no person has to do anything."""

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from models.catalogue import LOGINS
from models.topics import REFUSED, TALLIES, Topic
from runtime.ending import EXIT_CODE
from tests.integration.events import make_record
from tests.integration.system import System, wait_until
from tests.integration.traffic import run_traffic


async def test_totals_move_on_after_the_tallies_topic_was_deleted(
    system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    """Consumers make it anew and announce every page again; until then no total is shown, never a part of one."""
    consumer = system.start("consume")
    workers = [system.start("total"), system.start("total")]
    async with run_traffic(system, workers) as traffic:
        await _delete(system.bootstrap, TALLIES)
        moving = await traffic.await_moving()
    gap = traffic.seen.longest_gap(LOGINS.metric)
    with capsys.disabled():
        print(f"\ntallies topic deleted: totals moved after {moving:.1f} s, longest gap {gap:.1f} s")  # noqa: T201 - a figure of every run
    assert consumer.popen.poll() is None
    # Where Kafka's client has not noticed in time that the topic was gone, no rebalance tells the active worker: it
    # ends itself, and the other one takes over.
    assert sorted(worker.popen.poll() or 0 for worker in workers) in ([0, 0], [0, EXIT_CODE])


async def test_refused_records_are_published_though_their_topic_was_deleted(system: System) -> None:
    """The topic is made anew; what waits in Postgres is published to it."""
    system.start("consume")
    await _delete(system.bootstrap, REFUSED)
    await system.publish([make_record(LOGINS, specversion="2.0")])
    await system.await_consumed(1)
    await asyncio.to_thread(wait_until, lambda: asyncio.run(_is_published(system)), "the refused record is published")


async def _is_published(system: System) -> bool:
    """Tell whether no refused record waits for its topic."""
    return bool((await system.fetch("SELECT count(*) FROM refused WHERE published_at IS NULL"))[0][0] == 0)


async def _delete(bootstrap: str, topic: Topic) -> None:
    """Delete a topic, as somebody might by mistake."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic.name])
    finally:
        await admin.close()
