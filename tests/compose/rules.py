"""What we ask of every service of the compose file; each rule yields a sentence for each service that breaks it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Service = Mapping[str, Any]

# 15 s: what the software needs to finish the batch in hand.
STOP_PERIOD: Final = "15s"


def find_faults(services: Mapping[str, Service], dockerfile: str) -> list[str]:
    """Return what is wrong with the services; `dockerfile` is the text of the one that they are built from."""
    return [
        f"{name}: {fault}"
        for name, service in services.items()
        for fault in (
            *_judge_health(service, dockerfile),
            *_judge_ports(service),
            *_judge_image(service),
            *_judge_life(service),
        )
    ]


def _judge_health(service: Service, dockerfile: str) -> Iterator[str]:
    """Demand a health check: without one nobody can wait for it. A service of a profile is a job, which ends."""
    own = service.get("healthcheck")
    checked = not own.get("disable") and "test" in own if own else "build" in service and "\nHEALTHCHECK " in dockerfile
    if not checked and not service.get("profiles"):
        yield "has no health check"


def _judge_ports(service: Service) -> Iterator[str]:
    """Demand loopback: nothing is encrypted, so nothing may be reached from another machine."""
    for port in service.get("ports", ()):
        if port.get("host_ip") != "127.0.0.1":
            yield f"publishes {port['target']} beyond 127.0.0.1"
    if service.get("network_mode") == "host":
        yield "is on the host's own network"


def _judge_image(service: Service) -> Iterator[str]:
    """Demand a fixed version: what runs today must run tomorrow."""
    _, _, tag = str(service["image"]).rpartition("/")[2].partition(":")
    if tag in ("", "latest"):
        yield f"has an image that moves: {service['image']}"


def _judge_life(service: Service) -> Iterator[str]:
    """Demand that it comes back when it has ended, reaps its children, and is given the time to end well."""
    if service.get("restart") != "unless-stopped" and not service.get("profiles"):
        yield "is not restarted"
    if not service.get("init"):
        yield "has no init"
    if service.get("stop_grace_period") != STOP_PERIOD:
        yield f"is not given {STOP_PERIOD} to stop"
