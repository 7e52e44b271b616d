"""The product's processes where more is asked of them than how fast they are."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.candidates import PRODUCT
from benchmarks.measure.crew import running
from benchmarks.stage.servers import Servers
from onboarding.local.embedded.ports import ANY_FREE_PORT, find_free_port

# By who they are: the ids of processes; what these have started belongs to them.
Programs = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Product:
    """Where the totals are shown, and which processes belong to whom, the servers among them."""

    page: str
    programs: Programs


@contextmanager
def run_product(servers: Servers, processes: int, folder: Path) -> Iterator[Product]:
    """Run a stream worker and so many consumers during the block; their logs go to the folder."""
    port = find_free_port(ANY_FREE_PORT)
    told = {"KAFKA_BOOTSTRAP_SERVERS": servers.bootstrap, "DATABASE_URL": servers.url, PRODUCT.page: str(port)}
    with running(PRODUCT, processes, told, folder) as crew:
        pids = [child.pid for child, _ in crew.children]
        programs = {
            "consumers": pids[:processes],
            "stream worker": pids[processes:],
            "Kafka": [servers.kafka_pid],
            "Postgres": [servers.postgres_pid],
        }
        yield Product(f"http://127.0.0.1:{port}/metrics", programs)
