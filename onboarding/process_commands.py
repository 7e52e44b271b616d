"""What starts a process that serves: `consume`, `total` and `audit`."""

import asyncio

import click
import uvloop

from consumers.process import run_consumer
from onboarding.audit import run_auditor
from onboarding.processes import audit_settings, consumer_settings, worker_settings
from onboarding.settings import read_settings
from streams.process import run_worker


@click.command()
def consume() -> None:
    """Record every event in Postgres: one consumer process.

    Any number of them share the partitions. It waits for Kafka and Postgres when they are away, creates topics and
    schema where they are missing, and serves /metrics, /healthz and /readyz on ONBOARDING_CONSUMER_PORT.
    """
    settings = read_settings()
    uvloop.run(run_consumer(consumer_settings(settings)))


@click.command()
def total() -> None:
    """Keep and show the totals: one stream worker.

    One worker is active, any other stands by and takes over. It serves the totals for Prometheus as /metrics on
    ONBOARDING_TOTALS_PORT, with /healthz and /readyz.
    """
    settings = read_settings()
    asyncio.run(run_worker(worker_settings(settings)))


@click.command()
def audit() -> None:
    """Check the books on a schedule, close days, make room: one auditor.

    It counts the ledger again every ONBOARDING_RECOUNT_HOURS and shows what differs, closes each day three days after
    its end, and removes resolved refused records that are old or too many. It serves /metrics, /healthz and /readyz on
    ONBOARDING_AUDIT_PORT. Recording and totals do not need it.
    """
    asyncio.run(run_auditor(audit_settings(read_settings())))
