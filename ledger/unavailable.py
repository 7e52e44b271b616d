"""What keeps a question from being answered: a server that is away, or one that is not what it should be."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from ledger.sqlstates import ERRORS


class UnavailableError(Exception):
    """What an answer needs cannot be had; the message is one line that says what, where and what to do."""


@contextmanager
def explain_postgres() -> Iterator[None]:
    """Turn every fault of Postgres, or of the way to it, into one line without its address: that holds a password."""
    try:
        yield
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise UnavailableError(
            "the database of DATABASE_URL holds no ledger of this version: start `onboarding consume`, which makes one"
        ) from error
    except ERRORS as error:
        raise UnavailableError(
            f"Postgres does not answer ({_describe(error)}): check that it runs and what DATABASE_URL says"
        ) from error


def _describe(error: BaseException) -> str:
    """Return the first line of an error, or its name when it has nothing to say."""
    return str(error).partition("\n")[0] or type(error).__name__
