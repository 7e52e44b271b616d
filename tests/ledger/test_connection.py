"""Which errors of Postgres and its client are waited out, and which are bugs."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from consumers.outages import name_fault
from ledger.sqlstates import name_wait

PASSING = (
    asyncpg.InternalClientError("another operation is in progress"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.DeadlockDetectedError("deadlock"),
    asyncpg.SerializationError("could not serialize"),
    asyncpg.AdminShutdownError("terminating connection"),
    asyncpg.CannotConnectNowError("the database system is starting up"),
    asyncpg.OutOfMemoryError("out of memory"),
    ConnectionResetError("by peer"),
    TimeoutError(),
)
NAMED = (
    (asyncpg.InvalidPasswordError("password authentication failed"), "to accept the user and the password"),
    (asyncpg.InvalidAuthorizationSpecificationError("no pg_hba.conf entry"), "to accept the user and the password"),
    (asyncpg.InvalidCatalogNameError("database does not exist"), "to have the database"),
    (asyncpg.InsufficientPrivilegeError("permission denied"), "to grant the user"),
    (asyncpg.ProgramLimitExceededError("database is not accepting commands"), "within a limit of its own"),
    (asyncpg.ReadOnlySQLTransactionError("cannot execute INSERT"), "to let anybody write"),
    (asyncpg.DiskFullError("no space left"), "to have room on its disk"),
    (asyncpg.TooManyConnectionsError("sorry"), "to have a connection left"),
    (asyncpg.DataCorruptedError("invalid page"), "to be sound"),
)
BUGS = (asyncpg.DataError("a value that cannot be sent"), asyncpg.UndefinedTableError("no such table"))


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_what_passes_by_itself_is_waited_out(error: Exception) -> None:
    """A new connection and the stored offsets put it right."""
    assert name_fault(error) == "Postgres"


@pytest.mark.parametrize(("error", "named"), NAMED, ids=lambda value: type(value).__name__)
def test_what_a_person_has_to_mend_is_waited_for_by_name(error: Exception, named: str) -> None:
    """By asyncpg, and wrapped by SQLAlchemy; as Postgres, so that it counts as away."""
    assert name_fault(error).startswith("Postgres ")
    assert named in name_fault(error)
    assert name_wait(DBAPIError("SELECT", None, error)) == name_fault(error)


@pytest.mark.parametrize("error", BUGS, ids=lambda error: type(error).__name__)
def test_what_is_our_mistake_is_raised(error: Exception) -> None:
    """Waiting would hide it for ever."""
    with pytest.raises(type(error)):
        name_fault(error)
