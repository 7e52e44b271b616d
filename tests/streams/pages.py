"""Pages for the tests of the board."""

from uuid import UUID

from models.catalogue import KINDS, Kind
from models.tally import Page
from streams.board import Board


def make_page(kind: Kind, partition: int, facts: int, ledger: UUID | None = None, **fields: int) -> Page:
    """Return a page of a topic with two source partitions, its revision the number of its facts."""
    values = {"partitions": 2, "epoch": 1, "revision": facts} | fields
    counts = {"all": {"": facts}}
    return Page(ledger=ledger, topic=kind.topic, partition=partition, newest_at=None, totals=counts, days={}, **values)


def fill(board: Board, facts: int) -> None:
    """Put a page of every source partition of every kind on a board."""
    for kind in KINDS:
        for partition in range(2):
            hear(board, make_page(kind, partition, facts))


def hear(board: Board, page: Page) -> bool:
    """Let a board take a page that the ledger had this moment, and return what it says."""
    board.ends.note(board.clock(), 0)
    return board.take(refer(page, 0), 1)


def refer(page: Page, offset: int, seconds: float = 0.0) -> Page:
    """Return a page that the ledger had so many seconds after Kafka had taken the page at an offset."""
    return page.model_copy(update={"after_offset": offset, "after_seconds": seconds})
