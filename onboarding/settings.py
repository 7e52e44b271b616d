"""Every setting of every process: read from the environment once, checked, and passed on as a value."""

import os
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ledger.address import check_address
from models.claim import Environment

ADDRESSES_FILE: Final = "run.env"

# A name, an IPv4 address, or an IPv6 address in brackets.
_SERVER: Final = r"(\[[0-9A-Fa-f:.]+\]|[^\s,:\[\]]+):\d{1,5}"


def _strip_each(servers: object) -> object:
    """Take away the spaces that people write behind commas."""
    return ",".join(map(str.strip, servers.split(","))) if isinstance(servers, str) else servers


def _check_host(host: str) -> str:
    """Return a name or an address. Raises ValueError where a port is with it."""
    if ":" in host:
        try:
            IPv6Address(host)
        except ValueError:
            raise ValueError("write the host alone: the ports are ONBOARDING_..._PORT") from None
    return host


Servers = Annotated[str, StringConstraints(pattern=rf"^{_SERVER}(,{_SERVER})*$"), BeforeValidator(_strip_each)]
Host = Annotated[str, AfterValidator(_check_host)]
Port = Annotated[int, Field(ge=1, le=65_535)]


class Settings(BaseSettings):
    """Where the servers are and where this process listens. Read with `read_settings`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    kafka_bootstrap_servers: Servers = Field(
        default="127.0.0.1:9092", description="Kafka brokers as host:port, separated by commas."
    )
    database_url: Annotated[str, AfterValidator(check_address)] = Field(
        default="postgresql://onboarding:onboarding@127.0.0.1:5432/onboarding",
        description="The Postgres database of the ledger, as postgresql://user:password@host:port/name.",
    )
    onboarding_environment: Environment = Field(
        default="development",
        description="Name of this environment, as production or staging; a ledger belongs to one, and so does Kafka.",
    )
    onboarding_http_host: Host = Field(
        default="127.0.0.1", description="Address that /metrics, /healthz and /readyz listen on."
    )
    onboarding_consumer_port: Port = Field(default=9101, description="Port of a consumer process.")
    onboarding_totals_port: Port = Field(default=9102, description="Port of a stream worker.")
    onboarding_audit_port: Port = Field(default=9104, description="Port of the auditor.")
    onboarding_totals_url: str = Field(
        default="http://127.0.0.1:9102/metrics",
        description="Where `totals`, `status` and `recount` scrape the totals; more workers separated by commas.",
    )
    onboarding_audit_url: str = Field(
        default="", description="Where `status` and `doctor` ask the auditor, if not on its port of this machine."
    )
    onboarding_state_dir: Path = Field(
        default=Path("var"), description="Folder for what `run` keeps: embedded servers' data, logs, addresses."
    )
    onboarding_replication_factor: Annotated[int, Field(ge=1, le=10)] = Field(
        default=1, description="Replicas of a topic created by this software; use 3 where there are three brokers."
    )
    onboarding_recount_hours: Annotated[float, Field(gt=0)] = Field(
        default=6, description="Hours from the end of one scheduled recount to the next one."
    )
    onboarding_refused_days: Annotated[float, Field(gt=0)] = Field(
        default=30, description="Days that a refused record is kept after it was resolved."
    )
    onboarding_refused_megabytes_max: Annotated[int, Field(ge=1)] = Field(
        default=2_000, description="Megabytes of refused records; over it the oldest resolved go, unresolved never."
    )
    onboarding_backup_days_max: Annotated[float, Field(gt=0)] = Field(
        default=14, description="Age in days of the oldest backup of Postgres that may have to be restored."
    )
    onboarding_inhabitants_file: Path | None = Field(
        default=None,
        description="CSV file with the columns province, inhabitants and as_of, for numbers per 1,000 inhabitants.",
    )


class SettingError(Exception):
    """A setting is wrong; the message names it and says what to write instead. It never holds the value."""


def read_settings() -> Settings:
    """Read the environment and, where it is silent, the addresses that a `run` in this folder has written.

    Raises SettingError with one line for the first setting that is wrong.
    """
    return _read(Path(os.environ.get("ONBOARDING_STATE_DIR", "var")) / ADDRESSES_FILE)


def read_environment() -> Settings:
    """Read the environment alone. Raises SettingError as `read_settings` does."""
    return _read(None)


def _read(addresses: Path | None) -> Settings:
    try:
        return Settings(_env_file=addresses)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = str(fault["loc"][0])
        meaning = Settings.model_fields[name].description
        raise SettingError(f"{name.upper()}: {fault['msg'].removeprefix('Value error, ')}. It is: {meaning}") from None
