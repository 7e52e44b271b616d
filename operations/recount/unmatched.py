"""Facts about another fact that the ledger does not hold: it comes later, or somebody undid what never was."""

from typing import Final

from models.catalogue import KINDS
from operations.snapshot import open_snapshot

_COUNT: Final = """
SELECT count(*) FROM {table} AS later
WHERE NOT EXISTS (SELECT FROM {earlier} AS earlier WHERE earlier.{key} = later.{key})"""


async def count_unmatched(database_url: str) -> dict[str, int]:
    """Return how many facts of each such kind stand alone, by name of kind. Raises UnavailableError.

    They are taken off a net figure all the same: what they are about may come after them.
    """
    found = {}
    async with open_snapshot(database_url) as connection:
        for kind in KINDS:
            if kind.about:
                query = _COUNT.format(table=kind.table, earlier=kind.about.table, key=kind.business_key)
                found[kind.name] = await connection.fetchval(query)
    return found
