"""What a process knows of its own state, as Prometheus sees it: read at each scrape, so it is never stale."""

from collections.abc import Iterable
from functools import partial

from prometheus_client import CollectorRegistry, Gauge

from runtime.health import Health


def show_health(registry: CollectorRegistry, health: Health, *servers: str) -> None:
    """Show for how long a process has made no progress, and which servers it reaches.

    servers -- those that it waits for when they are away, as `health` calls them; a process may wait for none
    """
    standstill = Gauge(
        "onboarding_standstill_seconds",
        "How long ago the process last showed progress, or said what it waits for; it ends itself after 30.",
        registry=registry,
    )
    standstill.set_function(lambda: health.standstill_seconds)
    if servers:
        _show_dependencies(registry, health, servers)


def _show_dependencies(registry: CollectorRegistry, health: Health, servers: Iterable[str]) -> None:
    reached = Gauge(
        "onboarding_dependency_up",
        "1 while the process reaches a server, 0 while it waits for it.",
        ["dependency"],
        registry=registry,
    )
    for server in servers:
        reached.labels(server.lower()).set_function(partial(_reaches, health, server))


def _reaches(health: Health, server: str) -> float:
    return 0.0 if health.waits_for(server) else 1.0
