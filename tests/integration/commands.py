"""Commands typed as an operator types them, against the system of a test."""

import os
import subprocess
import sys

from tests.integration.system import Process, System


def onboarding(
    system: System, *words: str, worker: Process | None = None, consumer: Process | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    worker, consumer -- whose pages are read; None where nobody is to be asked
    """
    url = f"http://127.0.0.1:{worker.port}/metrics" if worker else "http://127.0.0.1:1/metrics"
    told = {
        "DATABASE_URL": system.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": system.bootstrap,
        "ONBOARDING_TOTALS_URL": url,
        "ONBOARDING_CONSUMER_PORT": str(consumer.port if consumer else 1),
        "ONBOARDING_STATE_DIR": str(system.folder / "state-of-commands"),
    }
    argv = [sys.executable, "-m", "onboarding", *words]
    return subprocess.run(argv, env={**os.environ, **told}, capture_output=True, text=True, check=False)
