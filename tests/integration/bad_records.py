"""Every kind of bad input that the contract names, each with the one reason that it must be refused for."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from models.outcomes import Reason
from tests.integration.events import make_event, make_record, to_record
from upstream.publishing.outgoing import Outgoing

_KIND = IDENTITY_RECORDS


class Bad(NamedTuple):
    """A record and the reason that it must be refused for."""

    reason: Reason
    topic: str
    key: bytes | None
    value: bytes | None


def bad_records() -> Iterator[Bad]:
    """Yield one record for each item of the list of bad input."""
    yield from _bad_bytes()
    yield from _bad_attributes()
    yield from _bad_data()
    yield from _bad_keys()


def _bytes(reason: Reason, value: bytes | None) -> Bad:
    return Bad(reason, _KIND.topic, b"5d" * 32, value)


def _bad_bytes() -> Iterator[Bad]:
    yield _bytes(Reason.EMPTY_VALUE, b"")
    yield _bytes(Reason.TOMBSTONE, None)
    yield _bytes(Reason.NOT_UTF8, b'{"specversion": "\xff\xfe"}')
    yield _bytes(Reason.NOT_JSON, b'{"specversion": ')
    yield _bytes(Reason.NOT_AN_OBJECT, b"[1, 2, 3]")
    yield _bytes(Reason.NOT_A_NUMBER, b'{"data": {"level": NaN}}')
    yield _bytes(Reason.NESTED_TOO_DEEP, b"[" * 100_000 + b"]" * 100_000)
    yield _bytes(Reason.TOO_LARGE, make_record(_KIND, padding="x" * 256 * 1024).value)
    yield _bytes(Reason.FORBIDDEN_CHARACTER, b'{"data": {"desk": "a\\u0000b"}}')
    yield _bytes(Reason.FORBIDDEN_CHARACTER, b'{"data": {"desk": "\\ud800"}}')


def _spoilt(reason: Reason, **attributes: object) -> Bad:
    return _as_bad(reason, make_record(_KIND, **attributes))


def _as_bad(reason: Reason, record: Outgoing) -> Bad:
    return Bad(reason, *record)


def _bad_attributes() -> Iterator[Bad]:
    yield _spoilt(Reason.SPECVERSION_WRONG, specversion="0.3")
    yield _spoilt(Reason.TYPE_UNKNOWN, type="vn.project06.unheard.of.v1")
    yield _spoilt(Reason.TYPE_ON_WRONG_TOPIC, type=LOGINS.type)
    event = make_event(_KIND)
    del event["id"]
    yield _as_bad(Reason.ID_MISSING, to_record(_KIND, event))
    yield _spoilt(Reason.ID_TOO_LONG, id="x" * 300)
    yield _spoilt(Reason.TIME_WITHOUT_OFFSET, time="2024-06-05T09:30:00")
    yield _spoilt(Reason.TIME_IN_FUTURE, time=(datetime.now(UTC) + timedelta(minutes=6)).isoformat())
    yield _spoilt(Reason.TIME_TOO_EARLY, time="2015-12-31T23:59:59+07:00")


def _bad_data() -> Iterator[Bad]:
    yield _spoilt(Reason.PROVINCE_UNKNOWN, data={"province": "03"})
    yield _spoilt(Reason.PROVINCE_NOT_IN_FORCE, time="2025-07-01T00:00:00+07:00", data={"province": "02"})
    yield _as_bad(Reason.LEVEL_UNKNOWN, make_record(ACCOUNTS, data={"level": 3}))
    yield _spoilt(Reason.PERSONAL_DATA_IN_CLEAR, data={"desk": "công dân số 001099123456"})


def _bad_keys() -> Iterator[Bad]:
    event = make_event(_KIND)
    value = json.dumps(event).encode()
    yield Bad(Reason.KEY_MISSING, _KIND.topic, None, value)
    yield Bad(Reason.KEY_NOT_SUBJECT, _KIND.topic, b"somebody else", value)
