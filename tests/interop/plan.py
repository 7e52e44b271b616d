"""What is sent: so many events in every codec and mode of every client, no two the same."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from models.catalogue import IDENTITY_RECORDS, KINDS, Kind
from tests.integration.events import make_event
from tests.interop.clients import CODECS, MODES, Client

# The same moment in ways that an SDK may write otherwise than it was given them.
_TIMES: Final = (
    "2024-06-05T09:30:00+07:00",
    "2024-06-05T02:30:00Z",
    "2024-06-05T09:30:00.250+07:00",
)
_TRACE: Final = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Row(NamedTuple):
    """What has a row of its own in the table."""

    client: str
    mode: str
    codec: str


@dataclass(frozen=True, slots=True)
class Sending:
    """One event, and how it is sent.

    as_bytes -- whether a sender hands the data to its SDK as the bytes of JSON, as many programs do, or as an object:
        some SDKs write the one as `data_base64`
    """

    row: Row
    kind: Kind
    event: Mapping[str, Any]
    as_bytes: bool

    @property
    def event_id(self) -> str:
        """The id that the ledger knows it by."""
        return str(self.event["id"])

    def as_order(self) -> str:
        """Return the line that a sender is given."""
        how = {"topic": self.kind.topic, **self.row._asdict(), "bytes": self.as_bytes}
        return json.dumps({**how, "event": self.event}, ensure_ascii=False)


def plan_rows(clients: Iterable[Client], lacking: Mapping[str, Iterable[str]]) -> list[Row]:
    """Return every row.

    lacking -- the codecs that a client has not on this machine, by its name
    """
    return [
        Row(client.name, mode, codec)
        for client in clients
        for mode in MODES
        for codec in CODECS
        if codec not in lacking.get(client.name, ())
    ]


def plan_sendings(rows: Iterable[Row], events: int) -> list[Sending]:
    """Return so many events for each row, of all kinds in turn."""
    return [sending for row in rows for sending in _make(row, events)]


def _make(row: Row, events: int) -> Iterator[Sending]:
    """Yield the events of a row: of one subject, so that those of a kind come to one partition, and into one batch."""
    subject = str(make_event(KINDS[0])["subject"])
    for number in range(events):
        turn, place = divmod(number, len(KINDS))
        kind = KINDS[place]
        yield Sending(row, kind, _vary(kind, turn, subject), as_bytes=turn // 2 % 2 == 1)


def _vary(kind: Kind, turn: int, subject: str) -> dict[str, Any]:
    """Return a new event with what the contract leaves to the sender: forms of time, other attributes, signs."""
    extras = {"traceparent": _TRACE} if turn % 2 else {}
    desk = {"desk": "Bộ phận Một cửa, phường Bến Nghé"} if kind is IDENTITY_RECORDS else {}
    attributes = {"subject": subject, "time": _TIMES[turn % len(_TIMES)], "data": desk, **extras}
    return make_event(kind, datacontenttype="application/json", **attributes)
