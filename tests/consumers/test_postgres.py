"""Which errors of Postgres and its client are waited out, and which are bugs."""

import asyncpg
import pytest

from consumers.faults import name_fault

PASSING = (
    asyncpg.InternalClientError("another operation is in progress"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.DiskFullError("no space left"),
    asyncpg.TooManyConnectionsError("sorry"),
    asyncpg.DeadlockDetectedError("deadlock"),
    asyncpg.SerializationError("could not serialize"),
    asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT in a read-only transaction"),
    ConnectionResetError("by peer"),
    TimeoutError(),
)
BUGS = (asyncpg.DataError("a value that cannot be sent"), asyncpg.UndefinedTableError("no such table"))


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_passes_by_itself_is_waited_out(error: Exception) -> None:
    """A new connection and the stored offsets put it right."""
    assert name_fault(error) == "Postgres"


@pytest.mark.parametrize("error", BUGS, ids=lambda error: type(error).__name__)
def test_what_is_our_mistake_is_raised(error: Exception) -> None:
    """Waiting would hide it for ever."""
    with pytest.raises(type(error)):
        name_fault(error)
