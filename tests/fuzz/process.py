"""`python -m tests.fuzz.process MINUTES`: a consumer meets every batch that a broker takes, and goes on counting."""

import asyncio
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import for_code

from brokers.clients import read_ends
from ledger.decisions.accept_gap import NotAcceptedError, accept_gap
from models.catalogue import ACCOUNTS, LOGINS
from models.gap_kinds import explain
from models.topics import PARTITIONS
from operations.gaps import open_gaps, read_gaps
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer, fresh_database
from tests.containers.session import open_session
from tests.fuzz.batches import invent
from tests.integration.events import make_record
from tests.integration.laws import find_drifts
from tests.integration.raw_records import offer_raw
from tests.integration.system import LOOK_SECONDS, Process, System
from tests.integration.test_bombs import MEGABYTES_MAX, peak_megabytes

_FOLDER: Final = Path("var/fuzz")
_SIGNED: Final = ("fuzz", "a batch that nobody reads")
# 60 s: a gap that is accepted is gone on from within five, and a round has few of them one behind the other.
_ROUND_SECONDS_MAX: Final = 60.0
_STOPPED: Final = "SELECT id || '-' || flaw, batch FROM gap WHERE flaw IN ('packed', 'records') AND batch IS NOT NULL"
_RECORDED: Final = "SELECT kafka_partition, next_offset FROM progress WHERE topic = $1"


class FoundError(Exception):
    """The process ended, stood still, grew, or counted wrongly after the batches that are kept."""


class Hunt:
    """One consumer, and what was sent to it."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.consumer = system.start("consume")
        self._worker = system.start("total")
        self._sent = 0  # activations, which must be counted whatever else comes
        self.told: Counter[str] = Counter()

    async def send(self, batches: Sequence[bytes]) -> None:
        """Send a batch to each partition of one topic, and a sound record to another; see that all of it is met."""
        for code in await offer_raw(self._system.bootstrap, LOGINS.topic, batches):
            self.told[f"not taken: {for_code(code).__name__}" if code else "taken"] += 1
        await self._system.publish([make_record(ACCOUNTS)])
        self._sent += 1
        await self._await_met()

    async def _await_met(self) -> None:
        """Wait until everything is recorded or left out by a word. Raises FoundError."""
        deadline = time.monotonic() + _ROUND_SECONDS_MAX
        ends = await _read_ends(self._system.bootstrap)
        while not await self._is_met(ends):
            await self._accept_gaps(ends)
            await asyncio.sleep(LOOK_SECONDS)
            if time.monotonic() > deadline:
                raise FoundError("recording stands still")
        self._look_at(self.consumer)
        self._look_at(self._worker)

    async def _is_met(self, ends: dict[TopicPartition, int]) -> bool:
        """Tell whether every log is recorded to its end, and every activation counted."""
        if self.consumer.popen.poll() is not None:
            raise FoundError(f"the consumer has ended with {self.consumer.popen.poll()}")
        rows = dict(await self._system.fetch(_RECORDED, LOGINS.topic))
        met = all(rows.get(source.partition, 0) >= end for source, end in ends.items())
        (counted,) = (await self._system.fetch(f"SELECT count(*) FROM {ACCOUNTS.table}"))[0]
        return met and counted == self._sent

    async def _accept_gaps(self, ends: dict[TopicPartition, int]) -> None:
        """Say the word for each gap that is open: behind the batch, or behind all where its end is not known."""
        for gap in open_gaps(await read_gaps(self._system.database_url)):
            source = TopicPartition(gap.topic, gap.partition)
            self.told[f"stopped: {explain(gap.kind, gap.flaw, gap.detail)}"] += 1
            address = (self._system.database_url, self._system.bootstrap, source)
            try:
                await accept_gap(*address, None, _SIGNED)
            except NotAcceptedError:
                await accept_gap(*address, ends[source], _SIGNED)

    def _look_at(self, process: Process) -> None:
        """See that a process lives, and has not grown."""
        if process.popen.poll() is not None or peak_megabytes(process) > MEGABYTES_MAX:
            raise FoundError(f"{process.verb}: exit code {process.popen.poll()}, {peak_megabytes(process):.0f} MB")

    async def end(self) -> None:
        """Keep what stopped a partition, and see that every law holds after all. Raises FoundError."""
        for gap_id, batch in await self._system.fetch(_STOPPED):
            (self._system.folder / f"{gap_id}.batch").write_bytes(batch)
        if drifts := await find_drifts(self._system, self._worker):
            raise FoundError("; ".join(drifts))


async def _read_ends(bootstrap: str) -> dict[TopicPartition, int]:
    """Return up to where the logs of the topic reach that is fuzzed."""
    ends = await read_ends(bootstrap, [LOGINS.topic])
    return {source: end for source, end in ends.items() if end}


async def hunt(system: System, minutes: float, seed: int) -> Hunt:
    """Send batches for so many minutes, and say every round what became of them. Raises FoundError."""
    values = [make_record(LOGINS).value for _ in range(50)]
    rounds, party = _cut(invent(seed, values)), Hunt(system)
    deadline = time.monotonic() + minutes * 60
    for number in itertools.count(1):
        batches = next(rounds)
        _keep(batches)
        await party.send(batches)
        left = max(0.0, deadline - time.monotonic())
        told = ", ".join(f"{what} {times}" for what, times in sorted(party.told.items()))
        print(f"round {number}, {left:.0f} s left: {told}")  # noqa: T201
        if not left:
            break
    await party.end()
    return party


def _cut(batches: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Yield as many batches as the topic has partitions, again and again."""
    while True:
        yield list(itertools.islice(batches, PARTITIONS))


def _keep(batches: Sequence[bytes]) -> None:
    """Keep the batches of the round, so that they are there when it fails."""
    folder = _FOLDER / "round"
    folder.mkdir(parents=True, exist_ok=True)
    for partition, batch in enumerate(batches):
        (folder / f"{partition}.batch").write_bytes(batch)


async def _run(kafka: KafkaBroker, postgres: PostgresServer, minutes: float) -> None:
    seed = int(time.time())
    print(f"seed {seed}; the batches of the last round are in {_FOLDER}/round")  # noqa: T201
    folder = _FOLDER / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    folder.mkdir(parents=True)
    async with fresh_database(postgres) as url:
        system = System(kafka.bootstrap, url, folder.absolute())
        try:
            await hunt(system, minutes, seed)
        finally:
            system.end_all()


def main(minutes: float) -> None:
    """Start servers and processes, and hunt."""
    with open_session(), KafkaBroker() as kafka, PostgresServer() as postgres:
        asyncio.run(_run(kafka, postgres, minutes))


if __name__ == "__main__":
    main(float(sys.argv[1]))
