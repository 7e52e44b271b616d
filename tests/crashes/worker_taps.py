"""Watches a stream worker from outside: which pages it received, and whether Faust has committed them."""

from typing import Final

from tests.crashes.hand import Form, Hand
from tests.crashes.places import Call, Place

# Where Faust commits the offsets of what the agents have worked on, every few seconds.
COMMIT_OFFSETS: Final = "faust.transport.drivers.aiokafka:Consumer._commit"
STAND_BY: Final = "streams.board:Board.stand_by"


class WorkerTaps:
    """Keeps the hand of a stream worker."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def attach(self) -> None:
        """Surround the functions that read pages, and what shows that they are done with."""
        for reader in ("streams.topology:read_page", "streams.process:read_page"):
            Place(reader).surround(after=self._receive)
        Place(COMMIT_OFFSETS).surround(after=self._commit)
        Place(STAND_BY).surround(before=self._stop)

    def _receive(self, call: Call) -> None:
        """Take a page."""
        page = call.result
        if page is None:
            return
        self._hand.uncommitted[page.topic, page.partition] = 1
        self._hand.pages[page.topic, page.partition] = page.revision
        if self._hand.late.is_in(page):
            self._hand.form = Form.PAGE
        self._hand.change()

    def _commit(self, _call: Call) -> None:
        """Forget what Kafka will not deliver again."""
        self._hand.uncommitted.clear()
        self._hand.change()

    def _stop(self, _call: Call) -> None:
        """Note the order to stop, which takes the totals down first."""
        self._hand.stopping = True
        self._hand.change()
