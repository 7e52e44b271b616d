"""Facts for tests of what is done with them: what they say does not matter, unless a test says it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from models.catalogue import LOGINS
from models.decoding.columns import Facts
from models.decoding.row import Row

VNEID = "urn:vn:project06:vneid"
APPENDED_AT = datetime(2024, 6, 5, 1, tzinfo=UTC)


def make_login(  # noqa: PLR0913 - a row
    number: int = 0,
    *,
    at: datetime = APPENDED_AT,
    source: str = VNEID,
    partition: int = 0,
    offset: int = 0,
    appended_at: datetime = APPENDED_AT,
) -> Row:
    """Return a login as its table keeps it, with a key and an event id that are this number."""
    key = str(UUID(int=number))
    return (key, key, bytes(32), at, source, "national", partition, offset, appended_at)


def make_logins(rows: Iterable[Row]) -> Facts:
    """Return logins by columns."""
    return Facts.of(LOGINS, rows)
