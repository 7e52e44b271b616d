"""A record that our program fails over stops its own partition alone, is named, set aside by a word, and replayed."""

import asyncio
import re
import signal
import time

import pytest
from aiokafka import TopicPartition

from brokers.topic_creation import create_topics
from ledger.migrations.apply import migrate
from models.catalogue import ACCOUNTS, LOGINS
from models.gap_kinds import Break
from models.outcomes import Reason
from models.topics import TOPICS
from runtime.ending import EXIT_CODE
from tests.containers.ports import choose_port
from tests.integration.commands import onboarding
from tests.integration.deadly import SUBJECT
from tests.integration.events import make_record
from tests.integration.gaps import await_stopped
from tests.integration.laws import find_drifts
from tests.integration.system import LOOK_SECONDS, SECONDS_MAX, Process, System, wait_for_total

_REFUSE_ROWS = """
CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
    IF {} THEN RAISE EXCEPTION 'not this one'; END IF;
    RETURN NEW;
END$$;
CREATE TRIGGER refuse_row BEFORE INSERT ON portal_logged_in FOR EACH ROW EXECUTE FUNCTION refuse_row()"""
_THIS_ONE = f"encode(NEW.subject, 'hex') = '{SUBJECT}'"
_MEND = "DROP FUNCTION refuse_row CASCADE"
_GAPS = "SELECT kafka_partition, next_offset, kind, detail FROM gap"
_SUSPECTED = """
SELECT FROM progress WHERE topic = $1 AND kafka_partition = $2 AND (takeovers > 2 OR tried > 0 OR others_go_on)"""
_REFUSED = "SELECT reason, kafka_offset, key, masked FROM refused"
_OTHERS = 200
pytestmark = pytest.mark.slow

# Our consumer needs five lives to know what kills it, and one is for what a busy machine does.
_LIVES_MAX = 6


async def test_a_row_that_postgres_refuses_ends_no_process(system: System) -> None:
    """Everything else is counted; the record is found alone, set aside, and counted once the ledger takes it."""
    await _let_postgres_refuse(system, _THIS_ONE)
    consumer, worker = system.start("consume"), system.start("total")
    await _publish_one_among_others(system)
    source, offset = await _await_stop(system)
    await await_stopped(consumer, source, 1)
    await system.publish([make_record(ACCOUNTS) for _ in range(10)])
    await wait_for_total(worker, ACCOUNTS, _OTHERS + 10)
    assert consumer.popen.poll() is None
    assert (await system.fetch(_GAPS))[0]["detail"] == "RaiseError P0001"

    await _set_aside(system, source, offset)
    await wait_for_total(worker, LOGINS, 2 * _OTHERS)
    await await_stopped(consumer, source, 0)
    assert await find_drifts(system, worker) == []
    await system.fetch(_MEND)
    replayed = onboarding(system, "refused", "replay", "--all", "--reason", Reason.SET_ASIDE)
    assert (replayed.returncode, replayed.stdout) == (0, "1 accepted\n"), replayed.stderr
    await wait_for_total(worker, LOGINS, 2 * _OTHERS + 1)
    assert await find_drifts(system, worker) == []


async def test_of_two_partitions_each_stops_at_its_own_record(system: System) -> None:
    """Both are tried in turn, and what is before the record that fails is counted."""
    subjects = {SUBJECT, "deed" * 16}
    await _let_postgres_refuse(system, f"encode(NEW.subject, 'hex') IN {tuple(subjects)}")
    consumer = system.start("consume")
    await system.publish([make_record(LOGINS) for _ in range(_OTHERS)])
    await system.await_consumed(_OTHERS)
    await system.publish([make_record(LOGINS, subject=subject) for subject in subjects])
    await system.publish([make_record(LOGINS) for _ in range(_OTHERS)])
    await system.await_rows(_GAPS, 2)
    for partition, offset, kind, _detail in await system.fetch(_GAPS):
        assert kind == Break.PROGRAM_FAILS
        words = ("set-aside", LOGINS.topic, str(partition), str(offset), "--why", "ticket 4713")
        assert onboarding(system, *words).returncode == 0
    await system.await_consumed(2 * _OTHERS + 2)
    rows = await system.fetch("SELECT key FROM refused")
    assert {row[0].decode() for row in rows} == subjects
    assert consumer.popen.poll() is None


async def test_a_record_that_kills_the_consumer_is_found_in_a_few_lives(system: System) -> None:
    """By what each life leaves in Postgres before it tries; what others sent is counted meanwhile."""
    await _prepare(system)
    await _publish_one_among_others(system)
    lives = await asyncio.to_thread(_live_until_stopped, system)
    source, offset = await _await_stop(system)
    await await_stopped(lives[-1], source, 1)
    assert [life.popen.poll() for life in lives[:-1]] == [-signal.SIGKILL] * (len(lives) - 1)
    await _set_aside(system, source, offset)
    await system.await_consumed(3 * _OTHERS + 1)
    assert lives[-1].popen.poll() is None
    assert onboarding(system, "doctor", consumer=lives[-1]).stdout.count("a process fails over") == 0


async def test_a_program_that_fails_over_everything_stops_no_partition(system: System) -> None:
    """That is no matter of one record: when it is mended, every partition goes on by itself."""
    await _let_postgres_refuse(system, "true")
    await system.publish([make_record(LOGINS) for _ in range(_OTHERS)])
    for _ in range(4):
        consumer = system.launch(choose_port(), "consume", "onboarding", "consume")
        assert await asyncio.to_thread(consumer.popen.wait, SECONDS_MAX) == EXIT_CODE
    assert await system.fetch(_GAPS) == []
    await system.fetch(_MEND)
    system.start("consume")
    await system.await_consumed(_OTHERS)


async def test_only_the_record_that_recording_stands_at_is_set_aside(system: System) -> None:
    """Whoever names another one is told why, and nothing is changed."""
    consumer = system.start("consume")
    await system.publish([make_record(LOGINS, subject=SUBJECT) for _ in range(3)])
    await system.await_consumed(3)
    (row,) = await system.fetch("SELECT kafka_partition FROM progress WHERE consumed = 3")
    assert "is recorded already" in _say_set_aside(system, LOGINS.topic, row[0], 2)
    assert "all it holds is recorded" in _say_set_aside(system, LOGINS.topic, row[0], 3)
    assert "was ever recorded" in _say_set_aside(system, LOGINS.topic, 999, 0)
    assert consumer.end() == 0
    await system.publish([make_record(LOGINS, subject=SUBJECT) for _ in range(2)])
    assert "stands at the record of offset 3, not 4" in _say_set_aside(system, LOGINS.topic, row[0], 4)
    await system.fetch(
        "INSERT INTO gap (topic, kafka_partition, kind, next_offset, log_start, log_end) VALUES ($1, $2, $3, 3, 4, 5)",
        *(LOGINS.topic, row[0], Break.BEGINS_AFTER),
    )
    assert "that is for `onboarding accept-gap`" in _say_set_aside(system, LOGINS.topic, row[0], 3)
    assert await system.consumed() == 3


def _say_set_aside(system: System, topic: str, partition: int, offset: int) -> str:
    """Type the word where it is refused; return what is said."""
    told = onboarding(system, "set-aside", topic, str(partition), str(offset), "--why", "a test")
    assert (told.returncode, told.stdout) == (2, "")
    return told.stderr


async def _prepare(system: System) -> None:
    """Make tables and topics before any process does."""
    await migrate(system.database_url)
    await create_topics(system.bootstrap, TOPICS, 1)


async def _let_postgres_refuse(system: System, condition: str) -> None:
    """Let Postgres take no row of logins for which a condition holds."""
    await _prepare(system)
    async with system.connected() as connection:
        await connection.execute(_REFUSE_ROWS.format(condition))


async def _publish_one_among_others(system: System) -> None:
    """Publish logins of many citizens, one that is failed over among them, and activations."""
    before, after = ([make_record(LOGINS) for _ in range(_OTHERS)] for _ in range(2))
    accounts = [make_record(ACCOUNTS) for _ in range(_OTHERS)]
    await system.publish([*before, *accounts, make_record(LOGINS, subject=SUBJECT), *after])


async def _await_stop(system: System) -> tuple[TopicPartition, int]:
    """Wait until one partition is stopped by a failure; return it, and the offset."""
    await system.await_rows(_GAPS, 1)
    ((partition, offset, kind, _detail),) = await system.fetch(_GAPS)
    assert kind == Break.PROGRAM_FAILS
    return TopicPartition(LOGINS.topic, partition), offset


async def _set_aside(system: System, source: TopicPartition, offset: int) -> None:
    """Read in `doctor` what to type, and type it; the one record is kept as it came."""
    told = onboarding(system, "doctor").stdout
    said = re.search(r"is stopped: a process fails over offset [\d,]+; onboarding (set-aside .*) --why", told)
    assert said, told
    assert said[1].split() == ["set-aside", source.topic, str(source.partition), str(offset)]
    done = onboarding(system, *said[1].split(), "--why", "ticket 4712")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"goes on at offset {offset + 1}, within 5 seconds; offset {offset} is refused\n")
    assert await system.fetch(_SUSPECTED, *source) == []
    rows = [tuple(row) for row in await system.fetch(_REFUSED)]
    assert rows == [(Reason.SET_ASIDE, offset, SUBJECT.encode(), False)]


def _live_until_stopped(system: System) -> list[Process]:
    """Start the consumer that dies over the record until it stops the partition; return its lives."""
    lives = []
    for _ in range(_LIVES_MAX):
        lives.append(system.launch(choose_port(), "consume", "tests.integration.deadly"))
        if not _dies(lives[-1]):
            return lives
    pytest.fail(f"it has not found the record in {_LIVES_MAX} lives")


def _dies(life: Process) -> bool:
    """Wait until a process has died, or has stopped a partition."""
    deadline = time.monotonic() + SECONDS_MAX
    while time.monotonic() < deadline:
        if life.popen.poll() is not None:
            return True
        if any(life.scrape("onboarding_partition_stopped").values()):
            return False
        time.sleep(LOOK_SECONDS)
    pytest.fail("the process neither dies nor stops a partition")
