"""A Postgres in which a batch takes longer than it may: batches shrink until they are committed, and it is told."""

import signal

from models.catalogue import LOGINS
from tests.integration.events import make_record
from tests.integration.system import System, wait_for_total, wait_until

_SLOW = """
CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.008); RETURN NEW; END $$"""
_TRIGGER = "CREATE TRIGGER be_slow BEFORE INSERT ON portal_logged_in FOR EACH ROW EXECUTE FUNCTION be_slow()"


async def test_a_batch_that_takes_too_long_is_recorded_in_smaller_ones(system: System) -> None:
    """2,000 records of 8 ms, 16 s, where a statement may take 10: the same batch is not tried for ever."""
    consumer, worker = system.start("consume"), system.start("total")
    for statement in (_SLOW, _TRIGGER):
        await system.fetch(statement)
    consumer.popen.send_signal(signal.SIGSTOP)  # so that they come together
    await system.publish(make_record(LOGINS, subject="5d" * 32) for _ in range(2_000))
    consumer.popen.send_signal(signal.SIGCONT)
    wait_until(lambda: "records was late" in consumer.read("readyz")[1], "it says what it waits for")
    assert consumer.value("onboarding_dependency_up", dependency="postgres") == 0
    await system.await_consumed(2_000)
    await wait_for_total(worker, LOGINS, 2_000)
    wait_until(lambda: consumer.read("readyz")[0] == 200, "it works again")
