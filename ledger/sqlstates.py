"""Which errors of Postgres are waited out, and what for: by the class of their SQLSTATE, as its documentation has them.

What passes by itself is waited for; so is what a person has to mend, which is named. All others are bugs of ours, or
the fault of one record. https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

import ssl
from collections.abc import Mapping
from typing import Final

import asyncpg

# What asyncpg raises, by itself or of the network.
ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
# A server that is away, or does not answer.
AWAY: Final = "Postgres"
# By the whole code where a class holds more than one thing, else by the first two letters. What is waited for fits
# behind "waiting for", and begins with the server's name: by that it is known to be away.
_WAITED_FOR: Final[Mapping[str, str]] = {
    "08": AWAY,  # connection
    "25006": "Postgres to let anybody write: it is a standby, or still being restored",
    "28": "Postgres to accept the user and the password of DATABASE_URL, which it refuses",
    "3D": "Postgres to have the database of DATABASE_URL, which it has not",
    "40": AWAY,  # rollback: deadlock, serialization
    "42501": "Postgres to grant the user of DATABASE_URL a right that it lacks",
    "53": AWAY,  # out of resources
    "53100": "Postgres to have room on its disk",
    "53300": "Postgres to have a connection left",
    "54000": "Postgres to be within a limit of its own: its log says which, as of transactions that must be vacuumed",
    "55": AWAY,  # not available: a lock, a server that is starting
    "57": AWAY,  # operator intervention: shutdown, cancelled
    "58": AWAY,  # error of the operating system
    "XX": "Postgres to be sound: it reports an error of its own, see its log",
}


def name_wait(error: BaseException) -> str:
    """Say what is waited for after an error of asyncpg, SQLAlchemy or the network; "" when it is no such error."""
    error = getattr(error, "orig", None) or error  # SQLAlchemy wraps what asyncpg raises
    code = str(getattr(error, "sqlstate", None) or "")
    if code:
        return _WAITED_FOR.get(code) or _WAITED_FOR.get(code[:2], "")
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Postgres to show a certificate that DATABASE_URL lets us trust, and of the host that it names"
    if isinstance(error, ConnectionError) and "rejected SSL upgrade" in str(error):  # asyncpg has no class for it
        return "Postgres to offer TLS, which sslmode of DATABASE_URL asks for"
    # An InternalClientError is of a connection whose last statement was given up in the middle.
    # asyncpg.DataError, a value that cannot be sent, is an InterfaceError too: that is a bug.
    outside = isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError)
    return AWAY if outside and not isinstance(error, ValueError) else ""
