"""Commands typed as an operator types them, against the system of a test."""

import os
import subprocess
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from tests.integration.system import Process, System
from tests.processes.forked import fork_command

# 120 s: many times what any of them takes; it only bounds a test that has failed.
COMMAND_SECONDS_MAX: Final = 120.0


def onboarding(
    system: System,
    *words: str,
    worker: Process | None = None,
    consumer: Process | None = None,
    auditor: Process | None = None,
    environment: str = "development",
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    worker, consumer, auditor -- whose pages are read; None where nobody is to be asked
    environment -- what ONBOARDING_ENVIRONMENT says
    """
    said = Path(mkdtemp(prefix="command-", dir=system.folder))
    output, errors = said / "output", said / "errors"
    told = {**describe(system, worker, consumer, auditor), "ONBOARDING_ENVIRONMENT": environment}
    code = fork_command(words, told, output, errors).wait(COMMAND_SECONDS_MAX)
    return subprocess.CompletedProcess(words, code, output.read_text(), errors.read_text())


def describe(
    system: System, worker: Process | None, consumer: Process | None, auditor: Process | None
) -> dict[str, str]:
    """Return the environment in which commands find a system; port 1 is where nobody listens."""
    return {
        **os.environ,
        "DATABASE_URL": system.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": system.bootstrap,
        "ONBOARDING_TOTALS_URL": f"http://127.0.0.1:{worker.port if worker else 1}/metrics",
        "ONBOARDING_AUDIT_PORT": str(auditor.port if auditor else 1),
        "ONBOARDING_CONSUMER_PORT": str(consumer.port if consumer else 1),
        "ONBOARDING_STATE_DIR": str(system.folder / "state-of-commands"),
    }
