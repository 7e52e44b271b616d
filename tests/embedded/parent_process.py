"""A program with both embedded servers, to be killed: STATE_DIR CACHE_DIR SHARED_DIR; prints addresses, then waits."""

import json
import signal
import sys
from pathlib import Path

from onboarding.embedded.kafka import EmbeddedKafka
from onboarding.embedded.locks import lock_state
from onboarding.embedded.ports import find_free_port
from onboarding.embedded.postgres import EmbeddedPostgres


def serve(state_dir: Path, cache_dir: Path, shared_dir: Path) -> None:
    """Run both until a signal."""
    kafka = EmbeddedKafka(state_dir, cache_dir, find_free_port(0))
    postgres = EmbeddedPostgres(state_dir, find_free_port(0), shared_dir)
    with lock_state(state_dir), postgres.running(_be_quiet), kafka.running(_be_quiet):
        sys.stdout.write(json.dumps({"url": postgres.url, "bootstrap": kafka.bootstrap}) + "\n")
        sys.stdout.flush()
        signal.pause()


def _be_quiet(_message: str) -> None:
    """Take a progress message; the test does not read them."""


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
