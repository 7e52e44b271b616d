"""Where the parts of the system answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Whom to ask; processes as http://host:port."""

    database_url: str
    bootstrap: str
    consumer: str
    workers: tuple[str, ...]
    auditor: str
