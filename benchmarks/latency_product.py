"""The processes that are measured: consumers and a stream worker, as their users start them."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.latency_usage import Crew
from benchmarks.stage import Servers
from onboarding.embedded.ports import ANY_FREE_PORT, find_free_port
from onboarding.embedded.processes import start_child, stop_child

# 15 s: a batch in hand is done in one.
_STOP_SECONDS_MAX: Final = 15.0


@dataclass(frozen=True)
class Product:
    """Where the totals are shown, and which processes belong to whom."""

    totals_port: int
    crew: Crew


@contextmanager
def run_product(servers: Servers, processes: int, folder: Path) -> Iterator[Product]:
    """Run one `onboarding total` and so many `onboarding consume` during the block; their logs go to the folder."""
    with ExitStack() as stack:
        totals_port = find_free_port(ANY_FREE_PORT)
        worker = stack.enter_context(_run(servers, "total", totals_port, folder / "total.log"))
        consumers = [
            stack.enter_context(
                _run(servers, "consume", find_free_port(ANY_FREE_PORT), folder / f"consume-{number}.log")
            )
            for number in range(processes)
        ]
        crew = {
            "consumers": consumers,
            "stream worker": [worker],
            "Kafka": [servers.kafka_pid],
            "Postgres": [servers.postgres_pid],
        }
        yield Product(totals_port, crew)


@contextmanager
def _run(servers: Servers, verb: str, port: int, log_path: Path) -> Iterator[int]:
    """Run one process during the block; give its id."""
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": servers.bootstrap,
        "DATABASE_URL": servers.url,
        "ONBOARDING_CONSUMER_PORT": str(port),
        "ONBOARDING_TOTALS_PORT": str(port),
    }
    process = start_child([sys.executable, "-m", "onboarding", verb], log_path=log_path, env={**os.environ, **told})
    try:
        yield process.pid
    finally:
        stop_child(process, _STOP_SECONDS_MAX)
