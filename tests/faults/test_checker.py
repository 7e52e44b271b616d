"""The checker finds nothing wrong with a run of the real processes, and finds every fault that is planted in it."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from tests.containers.cleaner import clean
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer, fresh_database
from tests.faults.checker import ALL_LANES, Examination, Verdict, check, compare, examine
from tests.faults.contract import KINDS, LANES
from tests.faults.curve import Curve, watch
from tests.faults.kafka_log import KeptLog
from tests.faults.operation_log import OperationLog, read_log
from tests.faults.planted import PLANTED, Planted
from tests.faults.publisher import Publisher
from tests.faults.quiet import await_quiet
from tests.faults.record import Record
from tests.integration.system import Process, System

pytestmark = pytest.mark.slow

LOGINS: Final = KINDS[2]
# 60 s: a transaction left open is aborted after 10 to 20 s; the rest takes a second or two.
QUIET_SECONDS_MAX: Final = 60.0
# 3,000 records in 3 s: some of every sort, in every lane but the quiet one.
RATE: Final = 1_000.0
STEADY_RECORDS: Final = 3_000


@dataclass(frozen=True)
class Finished:
    """A run that is over: the processes have ended, their servers and their last page are still there."""

    server: PostgresServer
    database_url: str
    bootstrap: str
    log_path: Path
    page: str
    curve: Curve
    kept: KeptLog

    async def check(self, database_url: str, log: OperationLog, page: str) -> Verdict:
        """Check the run, or what a test made of it, by what Kafka held when it was over."""
        return await compare(log, database_url, self.kept, page)

    async def check_log(self, log: OperationLog) -> Verdict:
        """Check the run by another operation log."""
        return await self.check(self.database_url, log, self.page)

    async def check_planted(self, statement: str) -> Verdict:
        """Check a copy of the database in which something was done by hand."""
        async with fresh_database(self.server) as url:
            connection = await asyncpg.connect(self.server.url("postgres"))
            copy, original = (address.rpartition("/")[2] for address in (url, self.database_url))
            await connection.execute(f"DROP DATABASE {copy}")
            await connection.execute(f"CREATE DATABASE {copy} TEMPLATE {original}")
            await connection.close()
            connection = await asyncpg.connect(url)
            done = await connection.execute(statement)
            await connection.close()
            assert not done.endswith(" 0"), "nothing was planted"
            with read_log(self.log_path) as log:
                return await self.check(url, log, self.page)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def finished(
    kafka_broker: KafkaBroker, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Finished]:
    """Give a run with every sort of record, storms and transactions, of two consumers and two stream workers."""
    folder, bootstrap = tmp_path_factory.mktemp("checker"), kafka_broker.recover().bootstrap
    await clean(bootstrap)
    async with fresh_database(postgres_server.recover()) as url:
        system = System(bootstrap, url, folder)
        try:
            curve, page = await _run(system, folder / "operations.jsonl")
        finally:
            await asyncio.to_thread(system.end_all)
        kept = await KeptLog.keep(bootstrap, ALL_LANES)
        yield Finished(postgres_server, url, bootstrap, folder / "operations.jsonl", page, curve, kept)
    await clean(bootstrap)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def examined(finished: Finished) -> Examination:
    """Give the run's examination, in which nothing differs."""
    with read_log(finished.log_path) as log:
        made = await examine(log, finished.database_url, finished.kept)
    assert made.discrepancies == []
    assert (made.tally.lost, made.tally.doubled) == (0, 0)
    return made


async def _run(system: System, log_path: Path) -> tuple[Curve, str]:
    """Run the system under traffic until all is quiet; return what was sampled, and the last page."""
    for verb in ("consume", "consume", "total", "total"):
        await asyncio.to_thread(system.start, verb)
    workers = system.processes[2:]
    stop_publishing, stop_watching = asyncio.Event(), asyncio.Event()
    with OperationLog(log_path) as log:
        curve = Curve(log.facts)
        watching = asyncio.create_task(watch(lambda: [worker.port for worker in workers], curve, stop_watching))
        async with Publisher(system.bootstrap, log, seed=4, rate=RATE) as publisher:
            publishing = asyncio.create_task(publisher.run(stop_publishing))
            await _disturb(publisher)
            deadline = time.monotonic() + QUIET_SECONDS_MAX
            while log.acknowledged < STEADY_RECORDS:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            stop_publishing.set()
            await publishing
            await publisher.settle()

        async def scrape() -> str:
            return await asyncio.to_thread(_read_active, workers)

        assert await await_quiet(system.database_url, system.bootstrap, scrape, QUIET_SECONDS_MAX)
        stop_watching.set()
        await watching
        return curve, await scrape()


async def _disturb(publisher: Publisher) -> None:
    for ending in ("open", "commit", "abort"):
        await publisher.transaction(50, ending)
    await publisher.storm(300)


def _read_active(workers: list[Process]) -> str:
    """Return the page of the worker that shows totals, "" while none does."""
    pages = [worker.read("metrics")[1] for worker in workers]
    return next((page for page in pages if f"\n{LOGINS.metric} " in page), "")


async def test_a_clean_run_gives_no_discrepancy(finished: Finished) -> None:
    """Duplicates, refused records and aborted transactions are no discrepancies."""
    with read_log(finished.log_path) as log:
        verdict = await check(log, finished.database_url, finished.bootstrap, finished.page)
        assert verdict == await finished.check_log(log)
        assert verdict.discrepancies == []
        assert (verdict.tally.lost, verdict.tally.doubled, verdict.tally.lost_by_kafka) == (0, 0, 0)
        assert verdict.tally.records == log.acknowledged > STEADY_RECORDS
        assert verdict.tally.facts == log.facts.total()
        assert log.attempts >= log.acknowledged + 100  # the records of two transactions were not committed


async def test_a_clean_run_shows_no_dip_and_nothing_twice(finished: Finished) -> None:
    """Sampled every 50 ms throughout, with a worker that stands by."""
    assert finished.curve.dips() == []
    assert finished.curve.doubles() == []
    assert finished.curve.staleness(float("inf")) == 0.0


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
async def test_what_is_planted_in_the_database_is_found(finished: Finished, planted: Planted) -> None:
    """A check that cannot fail is a defect: each fault is found, and said to be what it is."""
    verdict = await finished.check_planted(planted.statement)
    assert any(planted.said in line for line in verdict.discrepancies), verdict.discrepancies
    assert (verdict.tally.lost, verdict.tally.doubled) == (planted.lost, planted.doubled)


@pytest.mark.parametrize(
    "name",
    [
        LOGINS.metric,
        LOGINS.metric_by("portal"),
        KINDS[0].metric_by("province"),
        f"onboarding_{LOGINS.name}_today",
        f"onboarding_{LOGINS.name}_newest_timestamp_seconds",
        "onboarding_activation_ratio",
        "onboarding_accounts_active",
    ],
)
async def test_a_number_changed_on_the_page_is_found(finished: Finished, examined: Examination, name: str) -> None:
    """What is shown is compared in every total, every marginal and today's counts; also when it is not shown."""
    changed = [_change(line) if line.startswith(name) else line for line in finished.page.splitlines()]
    missing = [line for line in finished.page.splitlines() if not line.startswith(name)]
    assert not examined.compare_page(finished.page, datetime.now(UTC))
    for lines in (changed, missing):
        assert examined.compare_page("\n".join(lines), datetime.now(UTC))


def _change(line: str) -> str:
    series, _, number = line.rpartition(" ")
    return f"{series} {float(number) + 1}"


async def test_an_acknowledged_record_that_kafka_lost_is_not_blamed_on_the_product(
    finished: Finished, tmp_path: Path
) -> None:
    """The fold goes by what Kafka holds; what it does not hold is its own loss."""
    path = Path(shutil.copy(finished.log_path, tmp_path))
    with read_log(path) as log:
        log.acknowledge(log.send(Record(LANES[3], b"key", b"value")), 999)
        verdict = await finished.check_log(log)
    assert verdict.discrepancies == [f"{LANES[3]}: Kafka lost 1 records that it had acknowledged"]
    assert verdict.tally.lost_by_kafka == 1
    assert (verdict.tally.lost, verdict.tally.doubled) == (0, 0)


def _find_last_acknowledged(lines: Sequence[str]) -> tuple[int, int]:
    """Return the place of a line and the number of its operation: which are acknowledged is the brokers' matter."""
    return max(
        (place, told["acknowledge"]) for place, line in enumerate(lines) if "acknowledge" in (told := json.loads(line))
    )


async def test_a_record_that_should_not_be_visible_is_found(finished: Finished, tmp_path: Path) -> None:
    """An aborted record that a reader sees, or one of somebody else, is in Kafka and not in the log."""
    path = tmp_path / "operations.jsonl"
    lines = finished.log_path.read_text().splitlines()
    place, operation = _find_last_acknowledged(lines)
    lines[place] = json.dumps({"discard": operation, "why": "abort"})
    path.write_text("\n".join(lines) + "\n")
    with read_log(path) as log:
        verdict = await finished.check_log(log)
    assert [line.partition(": ")[2] for line in verdict.discrepancies] == [
        "Kafka shows 1 records that were not sent or not committed"
    ]


async def test_a_record_whose_outcome_is_unknown_may_stand_in_kafka_or_not(finished: Finished, tmp_path: Path) -> None:
    """A lost acknowledgement says nothing: neither that the record is there, nor that it is not."""
    path = tmp_path / "operations.jsonl"
    lines = finished.log_path.read_text().splitlines()
    place, operation = _find_last_acknowledged(lines)
    lines[place] = json.dumps({"fail": operation, "error": "TimeoutError"})
    path.write_text("\n".join(lines) + "\n")
    with read_log(path) as log:
        log.fail(log.send(Record(LANES[3], b"key", b"value")), TimeoutError())
        assert (await finished.check_log(log)).discrepancies == []
