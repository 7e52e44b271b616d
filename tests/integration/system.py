"""The system as its users run it: processes of their own, seen through Kafka, Postgres and HTTP alone."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from prometheus_client.parser import text_string_to_metric_families

from models.catalogue import KINDS, Kind
from tests.containers.ports import choose_port
from tests.containers.waiting import await_condition
from tests.processes.forked import Running, fork_command
from upstream.publishing.outgoing import Outgoing

# 120 s: many times what anything here takes on a busy machine; it only bounds a test that has failed.
SECONDS_MAX = 120.0
LOOK_SECONDS = 0.1
# 10 s: what Prometheus allows for a scrape. On a busy machine an answer takes longer than on an idle one.
ANSWER_SECONDS_MAX = 10.0
_COUNT_CONSUMED = "SELECT coalesce(sum(consumed), 0) FROM progress"
Sample = tuple[str, tuple[tuple[str, str], ...]]


@dataclass
class Process:
    """One consumer or stream worker."""

    verb: str
    port: int
    popen: Running

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; return the exit code."""
        self.popen.send_signal(number)
        return self.popen.wait(SECONDS_MAX)

    def read(self, page: str) -> tuple[int, str]:
        """Return status and text of a page; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{page}", timeout=ANSWER_SECONDS_MAX) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def scrape(self, *names: str) -> dict[Sample, float]:
        """Return the samples of these names, by default every one of /metrics, by name and sorted labels."""
        asked = urlencode([("name[]", name) for name in names])
        families = text_string_to_metric_families(self.read(f"metrics?{asked}")[1])
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float | None:
        """Return one sample, or None when it is not shown."""
        return self.scrape(name).get((name, tuple(sorted(labels.items()))))


@dataclass
class System:
    """A broker, a database, and the processes that a test starts on them."""

    bootstrap: str
    database_url: str
    folder: Path
    processes: list[Process] = field(default_factory=list)

    def start(self, verb: str, **settings: str) -> Process:
        """Start a process ("consume", "total", "audit") and wait until it is ready."""
        port = choose_port()
        environment = self._describe(port) | settings
        process = Process(verb, port, fork_command([verb], environment, self._log(verb, port)))
        self.processes.append(process)
        return self._await_ready(process)

    def start_module(self, verb: str, *module: str, **settings: str) -> Process:
        """Start a module with arguments that does what a verb says, and wait until it is ready.

        settings -- more of its environment
        """
        return self.start_at(choose_port(), verb, *module, **settings)

    def start_at(self, port: int, verb: str, *module: str, **settings: str) -> Process:
        """Start a module as `start_module` does, listening on a port that the caller knows."""
        return self._await_ready(self.launch(port, verb, *module, **settings))

    def launch(self, port: int, verb: str, *module: str, **settings: str) -> Process:
        """Start a module as `start_at` does, and wait for nothing: it may end at once."""
        with self._log(verb, port).open("ab") as log:
            argv, environment = [sys.executable, "-m", *module], self._describe(port) | settings
            popen = subprocess.Popen(argv, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self.processes.append(Process(verb, port, popen))
        return self.processes[-1]

    def _await_ready(self, process: Process) -> Process:
        """Wait until a process that was just started is ready; fail when it has ended."""
        verb, popen = process.verb, process.popen
        wait_until(lambda: popen.poll() is not None or process.read("readyz")[0] == 200, f"{verb} is ready")
        assert popen.poll() is None, f"{verb} ended with {popen.poll()}"
        return process

    def _log(self, verb: str, port: int) -> Path:
        """Return where a process says what it has to say."""
        return self.folder / f"{verb}-{port}.log"

    def _describe(self, port: int) -> dict[str, str]:
        """Return the environment of a process that listens on a port."""
        return {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "DATABASE_URL": self.database_url,
            "ONBOARDING_CONSUMER_PORT": str(port),
            "ONBOARDING_TOTALS_PORT": str(port),
            "ONBOARDING_AUDIT_PORT": str(port),
            "ONBOARDING_STATE_DIR": str(self.folder / f"state-{port}"),
        }

    async def publish(self, records: Iterable[Outgoing]) -> None:
        """Publish records, each acknowledged."""
        async with self._producer() as producer:
            sent = [await producer.send(record.topic, key=record.key, value=record.value) for record in records]
            await asyncio.gather(*sent)

    async def publish_binary(self, kind: Kind, event: Mapping[str, Any]) -> None:
        """Publish one event in binary mode: its attributes as headers, its data as the value."""
        attributes = [(f"ce_{name}", str(value).encode()) for name, value in event.items() if name != "data"]
        headers = [*attributes, ("content-type", b"application/json")]
        value = json.dumps(event["data"]).encode()
        async with self._producer() as producer:
            await producer.send_and_wait(kind.topic, key=event["subject"].encode(), value=value, headers=headers)

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all", max_request_size=2**21)

    async def timestamp_types(self, topics: Iterable[str]) -> dict[str, set[int]]:
        """Return which kinds of timestamps the first record of each topic has."""
        found: dict[str, set[int]] = {}
        for topic in topics:
            consumer = AIOKafkaConsumer(topic, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
            await consumer.start()
            found[topic] = {(await consumer.getone()).timestamp_type}
            await consumer.stop()
        return found

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[asyncpg.Connection]:
        """Give a connection to the ledger."""
        connection = await asyncpg.connect(self.database_url)
        try:
            yield connection
        finally:
            await connection.close()

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Return the rows of a query."""
        async with self.connected() as connection:
            return list(await connection.fetch(query, *arguments))

    async def await_rows(self, query: str, rows: int) -> None:
        """Wait until a query has so many rows."""
        await self._await_count(f"SELECT count(*) FROM ({query}) AS asked", rows, query)

    async def consumed(self) -> int:
        """Return how many records Postgres has recorded."""
        return int((await self.fetch(_COUNT_CONSUMED))[0][0])

    async def await_consumed(self, records: int) -> None:
        """Wait until so many records are recorded, and fail when there are more."""
        assert await self._await_count(_COUNT_CONSUMED, records, "records") == records

    async def _await_count(self, query: str, wanted: int, what: str) -> int:
        """Wait until a query counts at least so many; return how many it counts then."""
        deadline = time.monotonic() + SECONDS_MAX
        async with self.connected() as connection:
            while (seen := int(await connection.fetchval(query))) < wanted:
                assert time.monotonic() < deadline, f"only {seen} of {wanted} after {SECONDS_MAX:g} s: {what}"
                await asyncio.sleep(LOOK_SECONDS)
        return seen

    def end_all(self) -> None:
        """End whatever still runs; in good order where it can, so that its group is empty for the next test."""
        for process in self.processes:
            process.popen.send_signal(signal.SIGCONT)
            process.popen.terminate()
        for process in self.processes:
            try:
                process.popen.wait(SECONDS_MAX / 4)
            except subprocess.TimeoutExpired:
                process.popen.kill()


def total_of(process: Process, kind: Kind) -> float | None:
    """Return the total of a kind that a stream worker shows, or None."""
    return process.value(kind.metric)


def wait_until(holds: Callable[[], bool], what: str, seconds_max: float = SECONDS_MAX) -> None:
    """Wait until a condition seen from outside holds."""
    await_condition(holds, what, seconds_max)


def wait_until_current(worker: Process) -> None:
    """Wait until a stream worker knows each total to be current: every page was announced since its first look."""

    def is_current() -> bool:
        marks = worker.scrape("onboarding_total_current").values()
        return len(marks) == len(KINDS) and all(marks)

    wait_until(is_current, "every total is known to be current")


async def wait_for_total(process: Process, kind: Kind, facts: int) -> None:
    """Wait until a stream worker shows a total."""
    deadline = time.monotonic() + SECONDS_MAX
    while (shown := total_of(process, kind)) != facts:
        assert time.monotonic() < deadline, f"{kind.metric} shows {shown}, not {facts}"
        await asyncio.sleep(LOOK_SECONDS)
