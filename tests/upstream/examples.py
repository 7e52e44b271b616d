"""Events for files of lines: a valid one of each kind, to be spoilt by a test."""

import json
from io import BytesIO
from typing import Any

SUBJECT = "5d" * 32
RECORD: dict[str, Any] = {
    "specversion": "1.0",
    "type": "vn.project06.identity-record.received.v1",
    "id": "018ffdd6-f55c-7a34-91d1-05540f775666",
    "source": "urn:vn:project06:intake-desk",
    "subject": SUBJECT,
    "time": "2024-06-09T08:15:00+07:00",
    "data": {
        "record_number": "018ffdd6-f55c-7c9c-92a8-674441a00534",
        "province": "01",
        "channel": "commune-desk",
        "desk": "SECRET-DESK",
    },
}
LOGIN: dict[str, Any] = {
    "specversion": "1.0",
    "type": "vn.project06.portal.logged-in.v1",
    "id": "018ffdd6-f55c-7a34-91d1-05540f775777",
    "source": "urn:vn:project06:portal:national",
    "subject": SUBJECT,
    "time": "2024-06-09T08:20:00+07:00",
    "data": {"login_id": "018ffdd6-f55c-7c9c-92a8-674441a00888", "portal": "national"},
}
OTHER_ID = "018ffdd6-f55c-7a34-91d1-05540f775999"


def spoil(event: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return an event with attributes or, by the name `data`, some of its data replaced."""
    return event | fields | {"data": event["data"] | fields.get("data", {})}


def to_file(*lines: dict[str, Any] | bytes) -> BytesIO:
    """Return a file with one line each; bytes as they are."""
    return BytesIO(b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines))
