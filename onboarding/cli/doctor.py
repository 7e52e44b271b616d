"""What an operator types when something does not work: `doctor` looks at every part and says what to do."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import click
from aiokafka.errors import KafkaError
from rich.text import Text

from brokers.claims import observe
from ledger.identity import read_identity
from ledger.migrations import newest_revision
from ledger.unavailable import UnavailableError
from models.topics import CONSUMER_GROUP, TOPICS, WORKER_GROUP
from onboarding.cli._addresses import find_addresses
from onboarding.cli._answers import make_console, settings_or_error
from onboarding.cli._logs import leave_kafka_to_the_screen
from onboarding.cli._setting_checks import judge_settings
from onboarding.settings import Settings
from operations.addresses import Addresses
from operations.doctor.findings import Finding, Level, exit_code_of
from operations.doctor.kafka_reading import KafkaFacts, read_kafka
from operations.doctor.ledger_checks import Place, judge_ledger
from operations.doctor.postgres_checks import judge_postgres, read_postgres
from operations.doctor.process_checks import judge_group, judge_process, judge_room, judge_workers, read_process
from operations.doctor.topic_checks import Wanted, judge_topic
from operations.snapshot import open_snapshot
from operations.status.reading import read_status
from operations.status.verdict import find_wrong_numbers, finding_of, judge_records

# 15 s for some ten questions, of which each may take 4 s when a leader has just moved.
_KAFKA_SECONDS_MAX: Final = 15.0
_COMMANDS: Final = {CONSUMER_GROUP: "onboarding consume", WORKER_GROUP: "onboarding total"}
_STYLES: Final = {Level.OK: "green", Level.SKIPPED: "dim", Level.WARNING: "yellow", Level.FAULT: "bold red"}
# So that what is found stands in one column.
_LEVEL_WIDTH: Final = max(map(len, Level)) + 1


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end instead of lines.")
def doctor(*, as_json: bool) -> None:
    """Look at every part of the system and say what to do about each that is not as it should be.

    Settings and where they come from, room on this machine's disk, Kafka with every topic and its settings, consumer
    groups, Postgres with schema, durability and clock, whose totals Kafka shows, each process, and what `status` says
    of the records. A check that another one's fault prevents is skipped. Nothing is changed; commands of Kafka need
    --bootstrap-server beside what is shown.

    Ends with 0 when all is as it should be, with 1 when there is a warning, with 2 when there is a fault.

    \b
    Example:
      onboarding doctor
    """  # noqa: D301 - click's \b keeps the example's lines apart
    leave_kafka_to_the_screen()
    findings = asyncio.run(_examine(settings_or_error(), as_json=as_json))
    if as_json:
        click.echo(json.dumps([finding._asdict() for finding in findings], indent=2, ensure_ascii=False))
    sys.exit(exit_code_of(findings))


async def _examine(settings: Settings, *, as_json: bool) -> list[Finding]:
    """Make every check; show each finding as it comes, unless they are wanted as a document."""
    console, findings = make_console(), []
    async for finding in _look_everywhere(settings):
        findings.append(finding)
        if not as_json:
            level = f"{finding.level:<{_LEVEL_WIDTH}}"
            console.print(Text.assemble((level, _STYLES[finding.level]), finding.describe()), soft_wrap=True)
    return findings


async def _look_everywhere(settings: Settings) -> AsyncIterator[Finding]:
    """Yield findings from the nearest to the farthest."""
    addresses = find_addresses(settings)
    for finding in (*judge_settings(settings, os.environ), _look_at_disk(settings.onboarding_state_dir)):
        yield finding
    for finding in await _look_at_kafka(settings):
        yield finding
    for finding in await _look_at_postgres(addresses.database_url):
        yield finding
    for finding in await _look_at_ledger(settings, addresses.database_url):
        yield finding
    for finding in await _look_at_processes(addresses):
        yield finding
    for finding in await _look_at_records(addresses):
        yield finding


def _look_at_disk(folder: Path) -> Finding:
    """Judge the disk that the state folder is on, or will be."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return judge_room(str(folder), shutil.disk_usage(there).free)


async def _look_at_kafka(settings: Settings) -> list[Finding]:
    """Judge brokers, topics and groups."""
    try:
        async with asyncio.timeout(_KAFKA_SECONDS_MAX):
            names = [topic.name for topic in TOPICS]
            found = await read_kafka(settings.kafka_bootstrap_servers, names, _COMMANDS)
    except (KafkaError, TimeoutError) as error:
        text = f"does not answer at {settings.kafka_bootstrap_servers} ({type(error).__name__})"
        return [
            Finding("Kafka", Level.FAULT, text, "start it, or let KAFKA_BOOTSTRAP_SERVERS say where it is"),
            Finding("topics and groups", Level.SKIPPED, "Kafka does not answer"),
        ]
    return list(
        _judge_kafka(found, Wanted(settings.onboarding_replication_factor, settings.onboarding_backup_days_max))
    )


def _judge_kafka(found: KafkaFacts, wanted: Wanted) -> Iterator[Finding]:
    """Yield the findings about a Kafka that answers."""
    yield Finding("Kafka", Level.OK, f"answers, brokers: {found.brokers}")
    for topic in TOPICS:
        yield from judge_topic(topic, found.topics.get(topic.name), wanted)
    for name, group in found.groups.items():
        yield judge_group(name, group, _COMMANDS[name])


async def _look_at_postgres(database_url: str) -> list[Finding]:
    """Judge the server and the ledger's database."""
    try:
        return judge_postgres(await read_postgres(database_url), newest_revision())
    except UnavailableError as error:
        return [
            Finding("Postgres", Level.FAULT, str(error)),
            Finding("schema, durability and clock", Level.SKIPPED, "Postgres does not answer"),
        ]


async def _look_at_ledger(settings: Settings, database_url: str) -> list[Finding]:
    """Judge whether this ledger's totals are the ones that Kafka shows."""
    try:
        observed = await observe(settings.kafka_bootstrap_servers, seconds=0.0)
        async with open_snapshot(database_url) as connection:
            identity = await read_identity(connection)
    except (KafkaError, TimeoutError, UnavailableError):
        return [Finding("ledger", Level.SKIPPED, "Kafka or Postgres does not answer, or holds none of it")]
    return list(judge_ledger(identity, Place(settings.onboarding_environment, observed)))


async def _look_at_processes(addresses: Addresses) -> list[Finding]:
    """Judge every process whose address is known."""
    workers = [
        await read_process("stream worker", url, "onboarding total", "ONBOARDING_TOTALS_URL")
        for url in addresses.workers
    ]
    others = [
        await read_process("consumer", addresses.consumer, "onboarding consume", "ONBOARDING_CONSUMER_PORT"),
        await read_process("auditor", addresses.auditor, "onboarding audit", "ONBOARDING_AUDIT_URL"),
    ]
    return [*map(judge_process, (*others, *workers)), judge_workers(workers)]


async def _look_at_records(addresses: Addresses) -> list[Finding]:
    """Say what stands still, waits for a person, or differs."""
    try:
        status = await read_status(addresses)
    except UnavailableError:
        return [Finding("records", Level.SKIPPED, "Postgres does not answer")]
    matters = [*find_wrong_numbers(status), *judge_records(status)]
    found = [finding_of(matter) for matter in matters]
    fine = "none stands still or waits for a person; no cell differed at the last recount"
    return found or [Finding("records", Level.OK, fine)]
