"""A program with both embedded servers, to be killed: STATE_DIR CACHE_DIR SHARED_DIR KAFKA_PORT POSTGRES_PORT.

It prints addresses, then waits.
"""

import json
import signal
import sys
from pathlib import Path

from onboarding.local.embedded.kafka import EmbeddedKafka
from onboarding.local.embedded.locks import lock_state
from onboarding.local.embedded.postgres import EmbeddedPostgres


def serve(state_dir: Path, cache_dir: Path, shared_dir: Path, kafka_port: int, postgres_port: int) -> None:
    """Run both until a signal."""
    kafka = EmbeddedKafka(state_dir, cache_dir, kafka_port)
    postgres = EmbeddedPostgres(state_dir, postgres_port, shared_dir)
    with lock_state(state_dir), postgres.running(_be_quiet), kafka.running(_be_quiet):
        sys.stdout.write(json.dumps({"url": postgres.url, "bootstrap": kafka.bootstrap}) + "\n")
        sys.stdout.flush()
        signal.pause()


def _be_quiet(_message: str) -> None:
    """Take a progress message; the test does not read them."""


if __name__ == "__main__":
    state, cache, shared = map(Path, sys.argv[1:4])
    serve(state, cache, shared, int(sys.argv[4]), int(sys.argv[5]))
