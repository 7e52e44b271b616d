"""The checker: compares what was acknowledged with Kafka, Kafka with Postgres, and both with what is shown.

It shares no code with the product: the contract, the fold, the SQL and the parsers are its own.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import asyncpg

from tests.faults.book import count_strangers, read_book
from tests.faults.comparison import Comparison, compare_end
from tests.faults.contract import KIND_BY_TOPIC, LANES, PARTITIONS, REFUSED_TOPIC, Lane, day_of
from tests.faults.expectation import Expectation
from tests.faults.holdings import Holdings
from tests.faults.kafka_log import KafkaLog, Reader, Visible, begin, open_log
from tests.faults.operation_log import OperationLog
from tests.faults.shown import Totals

# 1 min: how long before the check the page may have been read, on what was another day then.
_SCRAPED_BEFORE_MAX: Final = timedelta(minutes=1)
_REFUSED_LANES: Final = tuple(Lane(REFUSED_TOPIC, partition) for partition in range(PARTITIONS))
ALL_LANES: Final = (*LANES, *_REFUSED_LANES)


class Tally(NamedTuple):
    """What came of a run, in numbers.

    lost, doubled -- facts and refused records that Postgres holds or counts too seldom, too often.
    lost_by_kafka -- acknowledged records that Kafka itself does not hold: not the product's fault.
    """

    records: int
    facts: int
    lost: int
    doubled: int
    lost_by_kafka: int


class Verdict(NamedTuple):
    """Every discrepancy as one line (none when all is exact), and the run in numbers."""

    discrepancies: list[str]
    tally: Tally


async def check(log: OperationLog, database_url: str, bootstrap: str, scrape_text: str) -> Verdict:
    """Compare everything with everything; call it when all is quiet, see `await_quiet`.

    scrape_text -- the page of the active stream worker, read within the last minute.
    """
    async with open_log(bootstrap) as consumer:
        await begin(consumer, ALL_LANES)
        return await compare(log, database_url, Reader(consumer), scrape_text)


async def compare(log: OperationLog, database_url: str, kafka: KafkaLog, scrape_text: str) -> Verdict:
    """Compare everything with what a log holds, be it Kafka's own or one that was kept of it."""
    examination = await examine(log, database_url, kafka)
    shown_wrong = examination.compare_page(scrape_text, datetime.now(UTC))
    return Verdict([*examination.discrepancies, *shown_wrong], examination.tally)


async def examine(log: OperationLog, database_url: str, kafka: KafkaLog) -> "Examination":
    """Compare everything but what is shown with what a log holds."""
    connection = await asyncpg.connect(database_url)
    try:
        examination = Examination(log, connection, kafka)
        for lane in LANES:
            await examination.examine(lane)
        await examination.examine_refused_topic()
        await examination.look_for_strangers()
    finally:
        await connection.close()
    return examination


class Examination:
    """One check under way: one source partition after the other, so that memory holds only one of them."""

    def __init__(self, log: OperationLog, connection: asyncpg.Connection, kafka: KafkaLog) -> None:
        self.discrepancies: list[str] = []
        self.tally = Tally(0, 0, 0, 0, 0)
        self._log = log
        self._connection = connection
        self._kafka = kafka
        self._totals = Totals()
        self._refused: dict[tuple[Lane, int], str] = {}

    async def examine(self, lane: Lane) -> None:
        """Compare one source partition: sent with Kafka, Kafka with Postgres."""
        expected = Expectation(lane, self._log.reasons)
        async for record in self._kafka.read(lane):
            expected.take(record)
        book = await read_book(self._connection, lane, KIND_BY_TOPIC[lane.topic])
        end = await self._kafka.find_end(lane)
        comparison, holdings = Comparison(expected, book), Holdings(expected, self._log)
        self.discrepancies += [
            *holdings.list_discrepancies(),
            *comparison.list_discrepancies(),
            *compare_end(expected, book, end),
        ]
        self._totals.add(expected)
        self._refused |= {(lane, offset): refusal.reason for offset, refusal in expected.refusals.items()}
        counted = (expected.consumed, len(expected.facts), comparison.lost, comparison.doubled, holdings.lost)
        self.tally = Tally(*map(sum, zip(self.tally, counted, strict=True)))

    async def examine_refused_topic(self) -> None:
        """See that every refused record was published with its reason, and no other; some may be there twice."""
        published: dict[tuple[Lane, int], str] = {}
        for lane in _REFUSED_LANES:
            async for record in self._kafka.read(lane):
                published |= _read_place(record)
        self.discrepancies += _compare_published(self._refused, published)

    async def look_for_strangers(self) -> None:
        """See that no table has rows of a partition that nobody published to."""
        strangers = await count_strangers(self._connection)
        self.discrepancies += [f"{table} has {rows} rows of no partition" for table, rows in strangers.items()]

    def compare_page(self, scrape_text: str, now: datetime) -> list[str]:
        """Return where what is shown differs from what Kafka holds."""
        todays = {day_of(now), day_of(now - _SCRAPED_BEFORE_MAX)}
        return [*self._totals.compare(scrape_text, todays)]


def _read_place(record: Visible) -> Mapping[tuple[Lane, int], str]:
    """Return where a published refusal came from, and its reason."""
    named = {name: content.decode() for name, content in record.headers if name.startswith("onboarding-")}
    lane = Lane(named["onboarding-topic"], int(named["onboarding-partition"]))
    return {(lane, int(named["onboarding-offset"])): named["onboarding-reason"]}


def _compare_published(
    expected: Mapping[tuple[Lane, int], str], published: Mapping[tuple[Lane, int], str]
) -> Iterator[str]:
    for lane, offset in sorted(expected.keys() | published.keys()):
        found, reason = published.get((lane, offset)), expected.get((lane, offset))
        if found != reason:
            yield f"{lane}: offset {offset} was published to {REFUSED_TOPIC} as {found}, not as {reason}"
