"""The totals that the product shows, read from its page as Prometheus reads it."""

from ledger.unavailable import UnavailableError
from models.catalogue import KINDS
from operations.scrape import Scrape, scrape


async def read_totals(page: str) -> dict[str, int]:
    """Return the totals that are shown now, by kind; none while nobody answers."""
    try:
        return find_totals(await scrape(page))
    except UnavailableError:
        return {}


def find_totals(shown: Scrape) -> dict[str, int]:
    """Return the totals on a page, by kind; one that it does not show is missing."""
    found = {kind.name: shown.value(kind.metric, {}) for kind in KINDS}
    return {name: int(value) for name, value in found.items() if value is not None}
