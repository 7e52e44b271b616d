"""Brings the schema of the ledger to its newest version, at every start, under an advisory lock."""

import logging
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from ledger.connection import connect
from ledger.migrations import VERSIONS, newest_revision

# Any number that nothing else in the database uses; one process migrates, the others wait for it.
_LOCK = 6_06_2024
# 5 s: who holds it longer is told of, and asked again.
_LOCK_TIMEOUT: Final = "5s"
_HERE: Final = Path(__file__).parent

_log = logging.getLogger(__name__)


async def migrate(database_url: str) -> None:
    """Bring the schema of the ledger to the newest version; does nothing when it is there, or newer.

    Every migration only adds, so a program works with a schema newer than its own: one version beside the next one.

    Raises sqlalchemy.exc.OperationalError or OSError when the server cannot be reached.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(database_url, "onboarding-migrations", {"lock_timeout": _LOCK_TIMEOUT}),
        poolclass=NullPool,
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _configure() -> Config:
    """Tell where the migrations are, whatever the folders above are called."""
    config = Config()
    config.set_main_option("script_location", _escape(_HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(_escape, VERSIONS)))
    return config


def _escape(folder: Path) -> str:
    """Write a folder so that alembic takes it as it is: a "%" begins the name of a setting."""
    return str(folder).replace("%", "%%")


def _upgrade(connection: Connection) -> None:
    """Run the migrations that are missing inside the caller's transaction."""
    config, newest = _configure(), newest_revision()
    config.attributes["connection"] = connection
    present = MigrationContext.configure(connection).get_current_revision() or ""
    if present > newest:
        _log.warning("the schema has version %s, this program knows %s: a newer one runs beside it", present, newest)
        return
    command.upgrade(config, "head")
