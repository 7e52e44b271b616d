"""The schema of the ledger as numbered migrations, applied at every start under an advisory lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

# Any number that nothing else in the database uses; one process migrates, the others wait for it.
_LOCK = 6_06_2024


async def migrate(database_url: str) -> None:
    """Bring the schema of the ledger to the newest version; does nothing when it is there.

    Raises sqlalchemy.exc.OperationalError or OSError when the server cannot be reached.
    """
    url = make_url(database_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    """Run the migrations that are missing inside the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
