"""The servers that `run` needs: embedded ones, unless the environment names real ones."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ledger.address import PORT, find_hosts
from onboarding.local.embedded.cache import find_cache_dir
from onboarding.local.embedded.ports import find_free_port
from onboarding.local.embedded.server import Report
from onboarding.settings import Settings

_KAFKA_PORT = 9092
# 5 s: a server across a country answers in a tenth of one.
_KNOCK_SECONDS = 5.0


class NoServerError(Exception):
    """Nobody answers where a setting points; the message names the setting."""


@contextmanager
def running_servers(settings: Settings, report: Report) -> Iterator[Settings]:
    """Start what the environment does not name; yield settings with the addresses of all servers and free ports.

    Raises EmbeddedServerError when a server does not come up, NoServerError when nobody answers where a setting points.
    """
    _check_named(settings)
    with ExitStack() as stack:
        found: dict[str, object] = {}
        if "database_url" not in settings.model_fields_set:
            found["database_url"] = _start_postgres(stack, settings, report)
        if "kafka_bootstrap_servers" not in settings.model_fields_set:
            found["kafka_bootstrap_servers"] = _start_kafka(stack, settings, report)
        yield settings.model_copy(update=found | _find_ports(settings))


def _check_named(settings: Settings) -> None:
    """Knock at the servers that the environment names. Raises NoServerError for the first that does not open."""
    if "kafka_bootstrap_servers" in settings.model_fields_set:
        for address in settings.kafka_bootstrap_servers.split(","):
            name, port = address.rsplit(":", 1)
            _knock("KAFKA_BOOTSTRAP_SERVERS", name.strip("[]"), port)
    if "database_url" in settings.model_fields_set:
        _knock_at_any(settings.database_url)


def _knock_at_any(url: str) -> None:
    """Knock at each server of DATABASE_URL: one that opens will do. Raises NoServerError when none does."""
    refused = None
    for host in find_hosts(url):
        if host.is_socket:
            return  # who connects sees soon enough whether it is there
        try:
            _knock("DATABASE_URL", host.name, str(host.port))
        except NoServerError as error:
            refused = error
        else:
            return
    if refused:
        raise refused


def _knock(setting: str, host: str, port: str) -> None:
    try:
        socket.create_connection((host, int(port)), _KNOCK_SECONDS).close()
    except OSError as error:
        raise NoServerError(
            f"{setting}: nobody answers at {host}:{port}; start that server, or unset {setting} to use an embedded one"
        ) from error


def _start_postgres(stack: ExitStack, settings: Settings, report: Report) -> str:
    from onboarding.local.embedded.postgres import EmbeddedPostgres  # noqa: PLC0415 - its wheel is not everywhere

    postgres = EmbeddedPostgres(settings.onboarding_state_dir, find_free_port(PORT))
    stack.enter_context(postgres.running(report))
    return postgres.url


def _start_kafka(stack: ExitStack, settings: Settings, report: Report) -> str:
    from onboarding.local.embedded.kafka import EmbeddedKafka  # noqa: PLC0415 - its wheels are not everywhere

    cache_dir = find_cache_dir(os.environ, find_home(settings))
    kafka = EmbeddedKafka(settings.onboarding_state_dir, cache_dir, find_free_port(_KAFKA_PORT))
    stack.enter_context(kafka.running(report))
    return kafka.bootstrap


def find_home(settings: Settings) -> Path:
    """Return the person's home; the state folder for one who has none, neither in the environment nor in passwd."""
    try:
        return Path.home()
    except RuntimeError:
        return settings.onboarding_state_dir.absolute()


def _find_ports(settings: Settings) -> dict[str, object]:
    """Return ports that are free for our processes, the usual ones if they are."""
    totals_port = find_free_port(settings.onboarding_totals_port)
    return {
        "onboarding_consumer_port": find_free_port(settings.onboarding_consumer_port),
        "onboarding_totals_port": totals_port,
        "onboarding_audit_port": find_free_port(settings.onboarding_audit_port),
        "onboarding_totals_url": f"http://127.0.0.1:{totals_port}/metrics",
    }
