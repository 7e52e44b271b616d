"""A topic that a person pauses rests, the others go on, and what waited is counted once it is resumed."""

import asyncio

import pytest

from models.catalogue import ACCOUNTS, LOGINS
from onboarding.local.proof import NotProvedError, explain_standstill
from tests.integration.commands import onboarding
from tests.integration.events import make_record
from tests.integration.system import Process, System, wait_for_total, wait_until

PAUSE = ("pause", LOGINS.topic, "--why", "test data, ticket 4711", "--by", "An")


def is_stopped(consumer: Process) -> bool:
    """Tell whether the consumer shows all partitions of the logins as stopped."""
    name = "onboarding_partition_stopped"
    shown = consumer.scrape(name)
    return [shown.get((name, (("partition", str(n)), ("topic", LOGINS.topic)))) for n in range(8)] == [1] * 8


async def test_a_paused_topic_rests_and_goes_on_where_it_stands(system: System) -> None:
    """Also through a restart of the consumer; who, when and why stay."""
    consumer, worker = system.start("consume"), system.start("total")
    await system.publish([make_record(LOGINS)])
    await wait_for_total(worker, LOGINS, 1)
    assert onboarding(system, *PAUSE).returncode == 0
    wait_until(lambda: is_stopped(consumer), "the topic rests")
    await system.publish([*[make_record(LOGINS) for _ in range(20)], make_record(ACCOUNTS)])
    await wait_for_total(worker, ACCOUNTS, 1)
    assert consumer.end() == 0
    again = system.start("consume")
    wait_until(lambda: is_stopped(again), "the topic rests after a restart")
    await asyncio.sleep(1)
    await wait_for_total(worker, LOGINS, 1)
    assert onboarding(system, "resume", LOGINS.topic, "--by", "Binh").returncode == 0
    await wait_for_total(worker, LOGINS, 21)
    rows = await system.fetch("SELECT topic, paused_by, why, resumed_by FROM pause")
    assert [tuple(row) for row in rows] == [(LOGINS.topic, "An", "test data, ticket 4711", "Binh")]


async def test_a_proof_waits_for_no_topic_that_a_person_lets_rest(system: System) -> None:
    """`run --exit` says which one and what to type, and waits on where nobody has to do anything."""
    system.start("consume")
    async with system.connected() as connection:
        await explain_standstill(connection)
        assert onboarding(system, *PAUSE).returncode == 0
        with pytest.raises(NotProvedError, match=rf"{LOGINS.topic} is paused.*`onboarding resume`"):
            await explain_standstill(connection)


async def test_the_status_says_who_paused_a_topic_and_why(system: System) -> None:
    """And nothing of gaps or of records that wait."""
    consumer = system.start("consume")
    worker = system.start("total")
    assert onboarding(system, *PAUSE).returncode == 0
    wait_until(lambda: is_stopped(consumer), "the topic rests")
    shown = onboarding(system, "status", worker=worker, consumer=consumer).stdout
    assert f"{LOGINS.topic} is paused by An since " in shown
    assert "gaps" not in shown


async def test_a_pause_is_one_and_its_end_is_one(system: System) -> None:
    """Twice the same word is a mistake that is said."""
    assert system.start("consume").end() == 0
    assert onboarding(system, "resume", LOGINS.topic).returncode == 2
    assert onboarding(system, *PAUSE).returncode == 0
    assert onboarding(system, *PAUSE).returncode == 2
    assert onboarding(system, "resume", LOGINS.topic).returncode == 0
    assert onboarding(system, "resume", LOGINS.topic).returncode == 2
