"""Records for the integration tests: valid ones of any kind, made anew or spoilt on purpose."""

import json
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from models.catalogue import (
    ACCOUNTS,
    ACTIVATIONS_RETRACTED,
    EXPIRIES,
    IDENTITY_RECORDS,
    LOCKS,
    LOGINS,
    RECORDS_RETRACTED,
    UNLOCKS,
    Kind,
)
from upstream.publishing.outgoing import Outgoing

_DATA: Mapping[str, Mapping[str, Any]] = {
    IDENTITY_RECORDS.name: {"province": "01", "channel": "commune-desk"},
    ACCOUNTS.name: {"province": "79", "level": 2},
    LOGINS.name: {"portal": "national"},
    RECORDS_RETRACTED.name: {"province": "01", "cause": "entered-twice"},
    ACTIVATIONS_RETRACTED.name: {"province": "79", "level": 2, "state_before": "active", "cause": "wrong-citizen"},
    LOCKS.name: {"province": "79", "level": 2},
    UNLOCKS.name: {"province": "79", "level": 2},
    EXPIRIES.name: {"province": "79", "level": 2, "state_before": "active"},
}


def make_event(kind: Kind, **attributes: Any) -> dict[str, Any]:
    """Return a valid event of a kind that nobody has seen, with attributes replaced; `data` is merged."""
    data = {kind.business_key: str(uuid4()), **_DATA[kind.name], **attributes.pop("data", {})}
    return {
        "specversion": "1.0",
        "type": kind.type,
        "id": str(uuid4()),
        "source": "urn:vn:project06:vneid",
        "subject": secrets.token_hex(32),
        "time": "2024-06-05T09:30:00+07:00",
        "data": data,
    } | attributes


def to_record(kind: Kind, event: Mapping[str, Any]) -> Outgoing:
    """Return an event as a record in structured mode, its subject as the key."""
    return Outgoing(kind.topic, str(event["subject"]).encode(), json.dumps(event).encode())


def make_record(kind: Kind, **attributes: Any) -> Outgoing:
    """Return a record of a new valid event."""
    return to_record(kind, make_event(kind, **attributes))
