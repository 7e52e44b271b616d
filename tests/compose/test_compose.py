"""`docker compose up` brings up the whole path: the file is sound, and what it starts counts an event."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaProducer

from models.catalogue import IDENTITY_RECORDS
from tests.compose.pages import read_api, read_samples
from tests.compose.rules import find_faults
from tests.compose.stack import IMAGE, ROOT, Stack, running_services
from tests.compose.waiting import SHOWN_SECONDS_MAX, await_answer
from tests.containers import kafka, postgres
from tests.containers.sweeper import leftovers
from tests.containers.waiting import await_condition
from tests.upstream.examples import RECORD, SUBJECT

# 1 : 1,000,000 of the published figures: the fewest events that have the shape of the whole.
SIMULATED_SCALE: Final = 1_000_000
SIMULATED_RECORDS: Final = 75
DOCKERFILE: Final = (ROOT / "Dockerfile").read_text()

SOUND: Final[dict[str, Any]] = {
    "image": "example/server:1.2",
    "healthcheck": {"test": ["CMD", "true"]},
    "init": True,
    "ports": [{"target": 80, "host_ip": "127.0.0.1"}],
    "restart": "unless-stopped",
    "stop_grace_period": "15s",
}


def test_every_service_keeps_the_rules(services: dict[str, Any]) -> None:
    """Whoever starts the file gets health, restarts, fixed versions, and nothing that another machine can reach."""
    assert find_faults(services, DOCKERFILE) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"healthcheck": None}, "has no health check"),
        ({"healthcheck": {"disable": True}}, "has no health check"),
        ({"healthcheck": None, "build": {"context": "."}}, "has no health check"),
        ({"ports": [{"target": 80}]}, "publishes 80 beyond 127.0.0.1"),
        ({"ports": [{"target": 80, "host_ip": "0.0.0.0"}]}, "publishes 80 beyond 127.0.0.1"),  # noqa: S104 - the fault
        ({"network_mode": "host"}, "is on the host's own network"),
        ({"image": "example/server:latest"}, "has an image that moves: example/server:latest"),
        ({"image": "registry:5000/server"}, "has an image that moves: registry:5000/server"),
        ({"restart": "no"}, "is not restarted"),
        ({"init": False}, "has no init"),
        ({"stop_grace_period": "10s"}, "is not given 15s to stop"),
    ],
)
def test_a_service_that_breaks_a_rule_is_named(change: dict[str, Any], fault: str) -> None:
    """A rule that cannot be broken proves nothing."""
    services = {"sound": SOUND, "broken": SOUND | change}
    assert find_faults(services, "FROM example/base:1\n") == [f"broken: {fault}"]


def test_compose_runs_what_the_other_tests_run(services: dict[str, Any]) -> None:
    """The servers of the integration tests are those of the compose file, and our image is of our version."""
    assert services["kafka"]["image"] == kafka.IMAGE
    assert services["postgres"]["image"] == postgres.IMAGE
    assert f"onboarding:{version('onboarding')}}}" in (ROOT / "docker-compose.yml").read_text()


def test_every_mounted_file_is_there(services: dict[str, Any]) -> None:
    """Docker makes a folder of a file that is missing, and the service starts without its settings."""
    mounts = [mount for service in services.values() for mount in service.get("volumes", ())]
    sources = [Path(mount["source"]) for mount in mounts if mount["type"] == "bind"]
    assert sources
    assert [source for source in sources if not source.exists()] == []


def test_every_container_is_healthy(stack: Stack, services: dict[str, Any]) -> None:
    """Compose takes a container without a check for healthy; the engine does not."""
    containers = [json.loads(line) for line in stack.run("ps", "--format=json").splitlines()]
    assert {container["Service"] for container in containers} == running_services(services)
    assert {container["Health"] for container in containers} == {"healthy"}


async def test_an_event_published_on_the_host_is_shown(stack: Stack) -> None:
    """This is what the stack is for: an upstream program beside it publishes, and the total goes up by one."""
    before = read_total(stack)
    await publish(stack.address("KAFKA_PORT"))
    await_total(stack, before + 1)


def test_both_consumers_are_watched(stack: Stack) -> None:
    """Consumers have no port on the host, so that there can be many: Prometheus must find each of them."""
    await_answer(stack, 'count(up{job="onboarding-consumer"} == 1)', 2)


def test_prometheus_has_rules_and_an_alertmanager(stack: Stack) -> None:
    """A rule file that is not loaded, or an alert that is sent to nobody, is noticed by nobody."""
    address = stack.address("PROMETHEUS_PORT")
    assert read_api(address, "rules")["groups"]
    assert len(read_api(address, "alertmanagers")["activeAlertmanagers"]) == 1


def test_the_simulated_history_is_counted(stack: Stack) -> None:
    """The service of the profile reaches Kafka from within, from a file system that it cannot write."""
    before = read_total(stack)
    stack.run("run", "--rm", "simulate", "simulate", f"--scale={SIMULATED_SCALE}")
    await_total(stack, before + SIMULATED_RECORDS)


def test_the_process_is_no_root(docker_engine: Any, stack: Stack) -> None:
    """Whoever breaks into a process of ours must not be root in its container."""
    del stack  # needed, not used: it has built the image
    assert docker_engine.images.get(IMAGE).attrs["Config"]["User"] == "onboarding"


def test_the_way_down_leaves_nothing(docker_engine: Any, stack: Stack) -> None:
    """Who tries it out gets his machine back: containers, networks and volumes, the unnamed ones too."""
    volumes = find_volumes(docker_engine, stack)
    assert len(volumes) > 4
    stack.run("--profile=*", "down", "--volumes")
    assert leftovers(docker_engine, stack.label) == []
    assert volumes.isdisjoint(volume.name for volume in docker_engine.volumes.list())


async def publish(bootstrap: str) -> None:
    """Publish one identity record and wait until Kafka has it."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        await producer.send_and_wait(IDENTITY_RECORDS.topic, json.dumps(RECORD).encode(), key=SUBJECT.encode())


def read_totals(stack: Stack) -> list[float]:
    """Return the totals of records received that stream workers show: of one, while it does."""
    addresses = [stack.address("TOTALS_PORT"), stack.address("TOTALS_STANDBY_PORT")]
    return [value for address in addresses for value in read_samples(address, IDENTITY_RECORDS.metric)]


def read_total(stack: Stack) -> float:
    """Return the total, as soon as one stream worker shows it."""
    await_condition(lambda: len(read_totals(stack)) == 1, "one worker shows the total", SHOWN_SECONDS_MAX)
    (total,) = read_totals(stack)
    return total


def await_total(stack: Stack, expected: float) -> None:
    """Wait until one stream worker, and Prometheus, show that many records received."""
    await_condition(lambda: read_totals(stack) == [expected], f"{expected:g} records on /metrics", SHOWN_SECONDS_MAX)
    await_answer(stack, IDENTITY_RECORDS.metric, expected)


def find_volumes(docker_engine: Any, stack: Stack) -> set[str]:
    """Return the names of the volumes that the stack's containers use."""
    containers = docker_engine.containers.list(all=True, filters={"label": stack.label})
    mounts = [mount for container in containers for mount in container.attrs["Mounts"]]
    return {mount["Name"] for mount in mounts if mount["Type"] == "volume"}
