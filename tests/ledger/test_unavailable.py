"""Whatever keeps Postgres from answering a command is told in one line."""

import asyncpg
import pytest

from ledger.unavailable import UnavailableError, explain_postgres


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        ConnectionResetError("reset by peer"),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_postgres_or_the_way_to_it_does_is_one_line(error: Exception) -> None:
    """Every error of the list, one without words too, ends with what was wrong."""
    with pytest.raises(UnavailableError, match=r"^Postgres does not answer") as raised, explain_postgres():
        raise error
    assert (str(error) or "TimeoutError") in str(raised.value)
