"""A project of compose that is apart from every other on the engine: own name, own ports on the host, own image tag."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, Final

from tests.containers.ports import choose_port

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final = Path(sys.executable).with_name("docker-compose")
# Grafana's image can neither be pulled nor built where no registry is reachable, so it is the one that is not started.
NOT_STARTED: Final = "grafana"
# Another tag than the one that people run: a test must not change what a restart of theirs would bring up.
IMAGE: Final = "onboarding:test"
PORTS: Final = (
    "KAFKA_PORT",
    "POSTGRES_PORT",
    "TOTALS_PORT",
    "TOTALS_STANDBY_PORT",
    "PROMETHEUS_PORT",
    "ALERTMANAGER_PORT",
)
# Invented numbers of inhabitants, of the two provinces that the tests' events name.
INHABITANTS: Final = Path(__file__).with_name("inhabitants.csv")
# 300 s: the longest command installs our requirements, 20 s here; a slow line needs longer.
COMMAND_SECONDS_MAX: Final = 300


class Stack:
    """The services of docker-compose.yml under a name of their own."""

    def __init__(self) -> None:
        self.project = f"onboarding-test-{uuid.uuid4().hex[:12]}"
        self.ports = choose_ports()

    @property
    def label(self) -> str:
        """The label that compose puts on all that belongs to the project, as `key=value`."""
        return f"com.docker.compose.project={self.project}"

    def address(self, port: str) -> str:
        """Return where the host reaches the service whose port is in the variable `port`."""
        return f"127.0.0.1:{self.ports[port]}"

    def config(self) -> dict[str, Any]:
        """Return the file as compose understands it, with the services of every profile."""
        config: dict[str, Any] = json.loads(self.run("--profile=*", "config", "--format=json"))
        return config

    def start(self, *arguments: str) -> None:
        """Bring services up; raise RuntimeError with what their containers said last if they do not get there."""
        try:
            self.run("up", *arguments)
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{self.run('logs', '--tail=15')}") from error

    def run(self, *arguments: str) -> str:
        """Run a command of compose and return what it prints; raise RuntimeError with its last words if it fails."""
        command = [str(COMPOSE), f"--project-name={self.project}", f"--file={ROOT}/docker-compose.yml", *arguments]
        done = subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, timeout=COMMAND_SECONDS_MAX, check=False
        )
        if done.returncode:
            said = f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}".strip()
            raise RuntimeError(f"docker-compose {' '.join(arguments)} failed:\n{said}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        """Return an environment in which no setting of the developer's own changes the file."""
        own = {
            "ONBOARDING_IMAGE": IMAGE,
            "INHABITANTS_FILE": str(INHABITANTS),
            **{name: str(port) for name, port in self.ports.items()},
        }
        foreign = ("COMPOSE_", "POSTGRES_", "GRAFANA_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        # The classic builder is in every engine; BuildKit needs a plugin that a bare machine has not.
        return {**kept, **own, "COMPOSE_DISABLE_ENV_FILE": "true", "DOCKER_BUILDKIT": "0"}


def choose_ports() -> dict[str, int]:
    """Return a free port of the host for every variable, no two alike."""
    chosen: set[int] = set()
    while len(chosen) < len(PORTS):
        chosen.add(choose_port())
    return dict(zip(PORTS, chosen, strict=True))


def running_services(services: dict[str, Any]) -> set[str]:
    """Return the names of the services that the stack keeps running."""
    return {name for name, service in services.items() if name != NOT_STARTED and not service.get("profiles")}
