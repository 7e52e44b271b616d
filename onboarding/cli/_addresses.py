"""Where the commands find the parts of the system, from the settings."""

from typing import Final
from urllib.parse import urlsplit

from onboarding.settings import Settings
from operations.addresses import Addresses

_WILDCARDS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address to ask, none to listen on


def find_addresses(settings: Settings) -> Addresses:
    """Return whom to ask: the consumer of this machine, the others wherever they are."""
    return Addresses(
        database_url=settings.database_url,
        bootstrap=settings.kafka_bootstrap_servers,
        consumer=_local_url(settings, settings.onboarding_consumer_port),
        workers=tuple(_base_of(url) for url in settings.onboarding_totals_url.split(",")),
        auditor=_base_of(settings.onboarding_audit_url or _local_url(settings, settings.onboarding_audit_port)),
    )


def _local_url(settings: Settings, port: int) -> str:
    """Return where a process of this machine answers."""
    host = _WILDCARDS.get(settings.onboarding_http_host, settings.onboarding_http_host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _base_of(url: str) -> str:
    """Return the address of a process from that of one of its pages."""
    parts = urlsplit(url.strip())
    return f"{parts.scheme}://{parts.netloc}"
