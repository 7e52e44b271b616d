"""The registry of one process, with what is shown of every process: its build, and what the operating system knows."""

import platform
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, disable_created_metrics


def new_registry(process: str) -> CollectorRegistry:
    """Return the registry of one process ("consumer", "totals") with its build and operating-system metrics."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series beside every counter that nobody asks for
    # The totals have no names before they are known, and are asked for by name all the same.
    registry = CollectorRegistry(support_collectors_without_names=True)
    ProcessCollector(registry=registry)
    info = Gauge(
        "onboarding_build_info",
        "Always 1; the labels say what is running.",
        ["process", "version", "python"],
        registry=registry,
    )
    info.labels(process, version("onboarding"), platform.python_version()).set(1)
    return registry
