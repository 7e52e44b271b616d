"""What must be counted: kept beside the publishing, from what Kafka has acknowledged, and compared with what is shown.

Nothing here is shared with the product but names: the SQL is written out, the metric is read over HTTP.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import asyncpg

_TABLES: Final = {
    "onboarding.identity-records.v1": ("identity_record_received", "onboarding_identity_records_received_total"),
    "onboarding.account-activations.v1": ("account_activated", "onboarding_accounts_activated_total"),
    "onboarding.portal-logins.v1": ("portal_logged_in", "onboarding_portal_logins_total"),
    "onboarding.identity-record-retractions.v1": (
        "identity_record_retracted",
        "onboarding_identity_records_retracted_total",
    ),
    "onboarding.activation-retractions.v1": ("account_activation_retracted", "onboarding_activations_retracted_total"),
    "onboarding.account-locks.v1": ("account_locked", "onboarding_account_locks_total"),
    "onboarding.account-unlocks.v1": ("account_unlocked", "onboarding_account_unlocks_total"),
    "onboarding.account-expiries.v1": ("account_expired", "onboarding_accounts_expired_total"),
}
_PROGRESS: Final = """
SELECT topic, kafka_partition, next_offset, accepted, retries, repeats + conflicts, refused FROM progress
WHERE next_offset > 0"""
_TALLIES: Final = "SELECT topic, kafka_partition, day, facts FROM tally WHERE dimension = 'all' AND facts <> 0"
_FACTS: Final = """
SELECT kafka_partition, (occurred_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, count(*) FROM {table}
GROUP BY 1, 2"""
_KEPT: Final = "SELECT topic, kafka_partition, count(*) FROM {table} GROUP BY 1, 2"

Source = tuple[str, int]


@dataclass
class Account:
    """What was published, by source partition."""

    facts: Counter[tuple[str, int, date]] = field(default_factory=Counter)
    retries: Counter[Source] = field(default_factory=Counter)
    refused: Counter[Source] = field(default_factory=Counter)
    refused_places: set[tuple[str, int, int]] = field(default_factory=set)
    next_offsets: dict[Source, int] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """All that was published."""
        return self.facts.total() + self.retries.total() + self.refused.total()

    def facts_of(self, source: Source) -> int:
        """Return the facts of a source partition."""
        return sum(facts for (*place, _day), facts in self.facts.items() if tuple(place) == source)

    def total(self, topic: str) -> int:
        """Return the facts of a topic."""
        return sum(facts for (name, *_), facts in self.facts.items() if name == topic)

    def progress(self) -> dict[Source, tuple[int, ...]]:
        """Return the row of each source partition that has records."""
        return {
            source: (next_offset, self.facts_of(source), self.retries[source], 0, self.refused[source])
            for source, next_offset in self.next_offsets.items()
        }


class InexactError(AssertionError):
    """Something is counted wrongly, and no waiting will mend it."""


async def find_errors(connection: asyncpg.Connection, account: Account) -> list[str]:
    """Return what Postgres has recorded wrongly; "not all recorded yet" alone while a consumer still may.

    Raises InexactError when everything is recorded, and not as it should be.
    """
    progress = {(row[0], row[1]): tuple(row)[2:] for row in await connection.fetch(_PROGRESS)}
    recorded = all(progress.get(source, (0,))[0] >= end for source, end in account.next_offsets.items())
    wrong = [*_compare("progress", account.progress(), progress)]
    wrong += [error async for error in _compare_facts(connection, account)]
    if recorded and wrong:
        raise InexactError("; ".join(wrong))
    return wrong


async def _compare_facts(connection: asyncpg.Connection, account: Account) -> Any:
    """Yield what is wrong in the ledger, the tallies, and the tables of what does not count."""
    tallies = {tuple(row)[:3]: row[3] for row in await connection.fetch(_TALLIES)}
    ledger: dict[tuple[Any, ...], int] = {}
    for topic, (table, _metric) in _TABLES.items():
        rows = await connection.fetch(_FACTS.format(table=table))
        ledger |= {(topic, row[0], row[1]): row[2] for row in rows}
    for name, expected, found in (
        ("ledger", account.facts, ledger),
        ("tallies", account.facts, tallies),
        ("duplicate", account.retries, await _count(connection, "duplicate")),
        ("refused", account.refused, await _count(connection, "refused")),
    ):
        for error in _compare(name, expected, found):
            yield error


async def _count(connection: asyncpg.Connection, table: str) -> dict[tuple[Any, ...], int]:
    """Return the rows of a table by source partition."""
    return {(row[0], row[1]): row[2] for row in await connection.fetch(_KEPT.format(table=table))}


def find_wrong_totals(account: Account, shown: Mapping[str, float]) -> list[str]:
    """Return what is not shown, or lower than it should be. Raises InexactError when a total is higher."""
    expected = {metric: account.total(topic) for topic, (_table, metric) in _TABLES.items()}
    for metric, facts in expected.items():
        if shown.get(metric, 0) > facts:
            raise InexactError(f"{metric} shows {shown[metric]:.0f}, not {facts}")
    return [*_compare("shown", expected, {name: shown[name] for name in expected if name in shown})]


def _compare(name: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> Iterator[str]:
    """Yield a line for each place where what is found is not what is expected."""
    for place in sorted({*expected, *found}):
        if expected.get(place) != found.get(place):
            yield f"{name} {place}: {found.get(place)}, not {expected.get(place)}"
