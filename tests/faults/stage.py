"""The stage of a fault run: servers, processes and publisher, all real, and what is seen of them."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg

from ledger.sqlstates import ERRORS
from tests.faults.child import Child
from tests.faults.cluster import Cluster
from tests.faults.crew import CONSUME, PRODUCT, TOTAL, Crew
from tests.faults.curve import Curve, watch
from tests.faults.database import Database
from tests.faults.marks import follow_ledger
from tests.faults.operation_log import OperationLog
from tests.faults.operator import SETTINGS_SEEN_SECONDS, accept_gaps, set_topics_right
from tests.faults.proxy import Proxies
from tests.faults.publisher import Publisher
from tests.faults.witness import Source, Witness

CONSUMERS = 2
WORKERS = 2
# 2 s: an answer takes milliseconds; a database that is away must not hold up the run.
_ASK_SECONDS_MAX: Final = 2.0
_LOOK_SECONDS: Final = 0.1
# 1 s: pages are announced every 100 ms, so a total older than this has been held up by something.
STALE_SECONDS: Final = 1.0
# What consumers write to their log when they wait: "waiting 0.1 s for Postgres: DiskFullError".
_WAITED: Final = re.compile(r"waiting [\d.]+ s for [^:]*: (\w+)", re.MULTILINE)
Owners = Mapping[Source, tuple[int, Any]]


class NotStruckError(Exception):
    """What a fault needs is not there at the moment; the message says what."""


@dataclass
class Stage:
    """Everything that faults are done to, and everything that sees what comes of them."""

    folder: Path
    cluster: Cluster
    database: Database
    crew: Crew
    witness: Witness
    log: OperationLog
    publisher: Publisher
    curve: Curve
    traffic_ends: asyncio.Event = field(default_factory=asyncio.Event)
    findings: list[str] = field(default_factory=list)  # promises that were seen broken, each in one line
    _recorded: int = field(default=0, init=False)

    def find(self, text: str) -> None:
        """Note a broken promise."""
        self.findings.append(text)

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Return the rows of a query, asked straight. Raises what asyncpg raises when the database is away."""
        connection = await self.connect()
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            connection.terminate()

    async def connect(self) -> asyncpg.Connection:
        """Open a straight connection."""
        return await asyncpg.connect(self.database.url, timeout=_ASK_SECONDS_MAX, command_timeout=5 * _ASK_SECONDS_MAX)

    async def count_in_flight(self) -> int:
        """Return how many acknowledged facts are not recorded, by what was last known of the database."""
        with suppress(*ERRORS):
            self._recorded = (await self.fetch("SELECT coalesce(sum(accepted), 0)::bigint FROM progress"))[0][0]
        return max(0, self.log.facts.total() - self._recorded)

    async def owners(self) -> Owners:
        """Return the session that owns each source partition; nothing while the database is away."""
        query = "SELECT topic, kafka_partition, owner_pid, owner_started_at FROM progress"
        with suppress(*ERRORS):
            return {(row[0], row[1]): (row[2], row[3]) for row in await self.fetch(query)}
        return {}

    @property
    def active_worker(self) -> Child:
        """The stream worker that shows the totals. Raises NotStruckError when none does."""
        for child in self.crew.workers:
            if self.witness.showing.get(child.name) and not child.frozen:
                return child
        raise NotStruckError("no stream worker shows totals")

    @property
    def active_name(self) -> str:
        """The name of the stream worker that shows the totals, empty when none does."""
        with suppress(NotStruckError):
            return self.active_worker.name
        return ""

    async def read_totals(self) -> str:
        """Return the page of the active stream worker, empty while none answers."""
        with suppress(NotStruckError, aiohttp.ClientError, TimeoutError):
            url = f"http://127.0.0.1:{self.active_worker.port}/metrics"
            async with aiohttp.request("GET", url, timeout=aiohttp.ClientTimeout(total=_ASK_SECONDS_MAX)) as answer:
                return await answer.text()
        return ""

    def symptoms(self, since: float) -> list[str]:
        """Return every sign of trouble since a moment: not ready, faults met, ended, errors logged, totals stale."""
        ended = [str(ending) for ending in self.crew.endings if ending.at >= since]
        stale = self.curve.outage(since, time.monotonic())
        late = [f"totals {stale:.1f} s behind"] if stale > STALE_SECONDS else []
        return [*self.witness.symptoms(since), *dict.fromkeys(ended), *late]

    def measure_logs(self) -> Mapping[str, int]:
        """Return how much every process has said so far."""
        return {child.name: child.measure_log() for child in self.crew.children}

    def errors_since(self, lengths: Mapping[str, int]) -> Mapping[str, int]:
        """Return the classes of the errors that consumers have waited for since, and how often."""
        found: dict[str, int] = {}
        for child in self.crew.consumers:
            for name in _WAITED.findall(child.read_log(lengths.get(child.name, 0))):
                found[name] = found.get(name, 0) + 1
        return found

    async def await_whole(self, seconds_max: float) -> bool:
        """Wait until every process does its work again and one shows the totals; False when that takes too long."""
        return await self._await(lambda: not self.crew.find_missing() and bool(self.active_name), seconds_max)

    async def await_active(self, seconds_max: float) -> bool:
        """Wait until a stream worker shows the totals; False when that takes too long."""
        return await self._await(lambda: bool(self.active_name), seconds_max)

    async def _await(self, holds: Callable[[], bool], seconds_max: float) -> bool:
        deadline = time.monotonic() + seconds_max
        while not holds():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return True

    async def recover(self) -> None:
        """Undo every fault there may still be."""
        self.crew.thaw()
        await asyncio.gather(asyncio.to_thread(self.cluster.recover), asyncio.to_thread(self.database.recover))
        await set_topics_right(self.cluster.publisher_bootstrap)
        while await accept_gaps(self.database.url, self.cluster.publisher_bootstrap):  # noqa: ASYNC110
            await asyncio.sleep(SETTINGS_SEEN_SECONDS)  # by then what is still wrong has stopped it again


@asynccontextmanager
async def open_stage(
    folder: Path, brokers: int, seed: int, rate: float, program: Sequence[str] = PRODUCT
) -> AsyncIterator[Stage]:
    """Start servers, processes, publisher and all who watch; end them with the block.

    rate -- records a second.
    program -- the Python module that runs the processes.
    """
    with ExitStack() as stack:
        proxies = stack.enter_context(Proxies())
        cluster, database = await _enter(stack, Cluster(brokers, proxies), Database(proxies))
        witness = Witness()
        crew = Crew(folder, tell_where(cluster, database), witness, program)
        stack.callback(crew.kill)
        log = stack.enter_context(OperationLog(folder / "operations.jsonl"))
        publisher = Publisher(cluster.publisher_bootstrap, log, seed, rate)
        stage = Stage(folder, cluster, database, crew, witness, log, publisher, Curve(log.facts))
        async with _play(stage):
            yield stage


async def _enter(stack: ExitStack, cluster: Cluster, database: Database) -> tuple[Cluster, Database]:
    """Start both servers at the same time; what has started is ended with the stack, even if the other has failed."""
    entering = [asyncio.to_thread(stack.enter_context, server) for server in (cluster, database)]
    for done in await asyncio.gather(*entering, return_exceptions=True):
        if isinstance(done, BaseException):
            raise done
    return cluster, database


@asynccontextmanager
async def _play(stage: Stage) -> AsyncIterator[None]:
    """Keep supervisor, publisher and watchers going during the block."""
    end = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(stage.crew.supervise(end))
        group.create_task(stage.witness.watch(lambda: stage.crew.children, end))
        await stage.crew.add(CONSUME)  # the first makes the topics
        await asyncio.gather(*(stage.crew.add(verb) for verb in [CONSUME] * (CONSUMERS - 1) + [TOTAL] * WORKERS))
        group.create_task(watch(stage.crew.ports, stage.curve, end))
        group.create_task(follow_ledger(stage.database.url, stage.curve.marks, end))
        async with stage.publisher:
            group.create_task(stage.publisher.run(stage.traffic_ends))
            yield
            stage.traffic_ends.set()
        end.set()


def tell_where(cluster: Cluster, database: Database) -> Mapping[str, str]:
    """Return what every process is told of the servers."""
    return {
        "KAFKA_BOOTSTRAP_SERVERS": cluster.worker_bootstrap,
        "DATABASE_URL": database.worker_url,
        "ONBOARDING_REPLICATION_FACTOR": str(cluster.replication_factor),
    }
