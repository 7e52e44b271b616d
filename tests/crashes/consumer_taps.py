"""Watches a consumer from outside: what it fetched, committed and announced."""

from typing import Any, Final

from tests.crashes.hand import Form, Hand
from tests.crashes.places import Call, Place, Step

TAKE_OVER: Final = "ledger.progress:take_over"
WRITE: Final = "ledger.recording:write"
FETCH: Final = "consumers.feed:Feed.fetch"
SEND: Final = "consumers.announcer:Announcer._send"
# What is under way while the page with the late fact is sent, and while the batch with the late fact is written: what
# was published at once may be fetched in parts, and the parts are written one after the other.
LATE_PAGE_SENT: Final = "the late page is sent"
LATE_RECORD_WRITTEN: Final = "the late record is written"


class ConsumerTaps:
    """Keeps the hand of a consumer."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._late_bytes = hand.late.day.encode()
        self._late_offset: int | None = None

    def attach(self) -> None:
        """Surround the functions that take records and pages, and those that pass them on."""
        Place("consumers.feed:Feed.begin").surround(after=self._begin)
        Place("consumers.feed:cut").surround(before=self._fetch)
        Place(TAKE_OVER).surround(self._enter(TAKE_OVER), self._leave(TAKE_OVER))
        # Made inside `read_page`, so that a point right after it finds the last page in hand as well.
        Place("ledger.progress:RunningPage").surround(after=self._read_page)
        Place(WRITE).surround(self._write, self._commit)
        Place(SEND).surround(self._send, self._announce)
        Place("consumers.recorder:Recorder.stop").surround(self._stop)
        Place(FETCH).replace(self._be_patient)

    def _begin(self, call: Call) -> None:
        """Forget what was fetched before the positions were sought."""
        if call.result:
            self._hand.uncommitted.clear()

    def _fetch(self, call: Call) -> None:
        """Take what was fetched."""
        for source, records in call.arguments[0].items():
            self._hand.uncommitted[tuple(source)] += len(records)
            late = [record.offset for record in records if self._late_bytes in record.value]
            if tuple(source) == self._hand.late.source and late:
                self._hand.form, self._late_offset = Form.RECORD, late[0]
        self._hand.change()

    def _write(self, call: Call) -> None:
        """Note that the late record is among those that are written."""
        own = (part for part in call.arguments[1] if tuple(part.source) == self._hand.late.source)
        if any(self._late_offset in range(part.from_offset, part.next_offset) for part in own):
            self._hand.under_way.add(LATE_RECORD_WRITTEN)

    def _commit(self, call: Call) -> None:
        """Turn records into pages that are to be announced."""
        self._hand.under_way.discard(LATE_RECORD_WRITTEN)
        for written in call.result:
            part = written.judged.slice
            self._hand.uncommitted[tuple(part.source)] -= part.records
            self._hand.pages[tuple(part.source)] = written.revision
            if any(cell.day == self._hand.late.date for cell in written.judged.cells):
                self._hand.form = Form.PAGE
        self._hand.change()

    def _read_page(self, call: Call) -> None:
        """Take a page that Postgres has and that is to be announced."""
        self._hand.pages[tuple(call.result.source)] = call.result.version[1]
        if self._hand.late.is_in(call.result.show(None, 1)):
            self._hand.form = Form.PAGE
        self._hand.change()

    def _send(self, call: Call) -> None:
        """Note that the late page is on its way."""
        if self._hand.late.is_in(call.arguments[1]):
            self._hand.under_way.add(LATE_PAGE_SENT)

    def _announce(self, call: Call) -> None:
        """Forget a page that Kafka has."""
        page = call.arguments[1]
        if self._hand.pages.get((page.topic, page.partition), -1) <= page.revision:
            self._hand.pages.pop((page.topic, page.partition), None)
        if self._hand.late.is_in(page):
            self._hand.under_way.discard(LATE_PAGE_SENT)
            self._hand.form = Form.NOTHING
        self._hand.change()

    def _stop(self, _call: Call) -> None:
        """Note the order to stop."""
        self._hand.stopping = True
        self._hand.change()

    def _enter(self, name: str) -> Step:
        """Return the step that notes what begins."""
        return lambda _call: self._hand.under_way.add(name)

    def _leave(self, name: str) -> Step:
        """Return the step that notes what has ended."""
        return lambda _call: self._hand.under_way.discard(name)

    def _be_patient(self, fetch: Any) -> Any:
        """Return a fetch that waits for records as long as it takes, as if none came later than the others."""

        async def fetch_patiently(feed: Any, *portion: Any) -> Any:
            slices = await fetch(feed, *portion)
            while not slices and feed.current and not self._hand.stopping:
                slices = await fetch(feed, *portion)
            return slices

        return fetch_patiently
