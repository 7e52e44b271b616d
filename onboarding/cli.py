"""The `onboarding` command: one verb a process, one verb a question."""

import asyncio
import logging

import click
import uvloop

from consumers.process import ConsumerSettings, run_consumer
from onboarding.settings import read_settings
from streams.process import WorkerSettings, run_worker


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Count a country's move to digital identity, exactly once."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


@main.command()
def consume() -> None:
    """Record every event in Postgres: one consumer process."""
    s = read_settings()
    uvloop.run(run_consumer(ConsumerSettings(bootstrap=s.kafka_bootstrap_servers, database_url=str(s.database_url), replication_factor=s.onboarding_replication_factor, http_host=s.onboarding_http_host, http_port=s.onboarding_consumer_port)))


@main.command()
def total() -> None:
    """Keep and show the totals: one stream worker."""
    s = read_settings()
    asyncio.run(run_worker(WorkerSettings(bootstrap=s.kafka_bootstrap_servers, data_dir="var/faust", replication_factor=s.onboarding_replication_factor, http_host=s.onboarding_http_host, http_port=s.onboarding_totals_port)))
