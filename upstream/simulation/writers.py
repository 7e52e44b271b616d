"""The events of one day of a simulated history, kind by kind, written as `encode` writes them.

Templates, as pydantic would take most of the time; a test proves them equal to the codec.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, LOGINS
from models.places import PLACES
from upstream.publishing.outgoing import Outgoing
from upstream.simulation.apportionment import SLOTS
from upstream.simulation.citizens import Citizens, province_of
from upstream.simulation.hours import Moment, moments
from upstream.simulation.schedule import Day, Schedule
from upstream.simulation.shares import APP_HOURS, DESK_HOURS, DESKS_MAX, INTAKES, LEVELS, PORTAL_HOURS, PORTALS

# Time-ordered identifiers, the form that the contract recommends, because the ledger's index stays small.
# RFC 9562, section 5.7: 48 bits of time, version 7, 12 random bits, variant 2, 62 random bits.
RANDOM_BITS: Final = 74
_VERSION: Final = 7 << 76
_VARIANT: Final = 2 << 62
_LOW_BITS: Final = 62
_LOW_MASK: Final = (1 << _LOW_BITS) - 1

_SLOT_MASK: Final = SLOTS - 1
_ID_MASK: Final = (1 << RANDOM_BITS) - 1
# What one event draws: two identifiers and a slot of its shares.
_DRAWN_BITS: Final = 2 * RANDOM_BITS + _SLOT_MASK.bit_length()

# When it happened (milliseconds since 1970), the place of its kind (equal times then have an order), and the record.
Timed = tuple[int, int, Outgoing]


class RecordWriter:
    """Writes the identity records received."""

    def __init__(self, citizens: Citizens, seed: int) -> None:
        self._citizens = citizens
        self._random = _make_random(seed, IDENTITY_RECORDS.name)

    def write(self, day: Day) -> Iterator[Timed]:
        """Yield the records of a day in order of time."""
        head = _head(IDENTITY_RECORDS.type)
        times = moments(day.date, len(day.records), DESK_HOURS, self._random)
        for ordinal, moment in zip(day.records, times, strict=True):
            subject = self._citizens.subject(ordinal)
            province = province_of(subject)
            event_id, record_number, drawn = _draw(moment, self._random)
            source, channel = INTAKES[drawn & _SLOT_MASK]
            desk = f"{PLACES[province]}, {drawn % DESKS_MAX + 1}"
            value = (
                f'{head}{event_id}","source":"{source}","subject":"{subject}","time":"{moment.text}",'
                f'"data":{{"record_number":"{record_number}","province":"{province}",'
                f'"channel":"{channel}","desk":"{desk}"}}}}'
            )
            yield moment.unix_milliseconds, 0, Outgoing(IDENTITY_RECORDS.topic, subject.encode(), value.encode())


class AccountWriter:
    """Writes the accounts activated, each by the citizen of an earlier day's record."""

    def __init__(self, citizens: Citizens, schedule: Schedule, seed: int) -> None:
        self._citizens = citizens
        self._schedule = schedule
        self._random = _make_random(seed, ACCOUNTS.name)

    def write(self, day: Day) -> Iterator[Timed]:
        """Yield the activations of a day in order of time."""
        head = _head(ACCOUNTS.type)
        times = moments(day.date, len(day.accounts), APP_HOURS, self._random)
        for account, moment in zip(day.accounts, times, strict=True):
            subject = self._citizens.subject(self._schedule.record_of(account))
            event_id, number, drawn = _draw(moment, self._random)
            value = (
                f'{head}{event_id}","source":"urn:vn:project06:vneid","subject":"{subject}","time":"{moment.text}",'
                f'"data":{{"account":"{number}","province":"{province_of(subject)}",'
                f'"level":{LEVELS[drawn & _SLOT_MASK]}}}}}'
            )
            yield moment.unix_milliseconds, 1, Outgoing(ACCOUNTS.topic, subject.encode(), value.encode())


class LoginWriter:
    """Writes the logins, each by a citizen whose account was activated on an earlier day."""

    def __init__(self, citizens: Citizens, schedule: Schedule, seed: int) -> None:
        self._citizens = citizens
        self._schedule = schedule
        self._random = _make_random(seed, LOGINS.name)

    def write(self, day: Day) -> Iterator[Timed]:
        """Yield the logins of a day in order of time."""
        head = _head(LOGINS.type)
        for moment in moments(day.date, day.logins, PORTAL_HOURS, self._random):
            account = self._random.randrange(day.accounts.start)
            subject = self._citizens.subject(self._schedule.record_of(account))
            event_id, login_id, drawn = _draw(moment, self._random)
            portal = PORTALS[drawn & _SLOT_MASK]
            value = (
                f'{head}{event_id}","source":"urn:vn:project06:portal:{portal}","subject":"{subject}",'
                f'"time":"{moment.text}","data":{{"login_id":"{login_id}","portal":"{portal}"}}}}'
            )
            yield moment.unix_milliseconds, 2, Outgoing(LOGINS.topic, subject.encode(), value.encode())


def _make_random(seed: int, name: str) -> Random:
    """Return randomness of one kind's own, so that the kinds do not disturb each other."""
    return Random(f"{seed} {name}")  # noqa: S311 - a history that can be made again, no secret


def _head(event_type: str) -> str:
    """Return what is the same in all events of a type: everything before the id."""
    return f'{{"specversion":"1.0","type":"{event_type}","id":"'


def _draw(moment: Moment, random: Random) -> tuple[str, str, int]:
    """Draw an event id, a business key and the bits that choose among shares."""
    drawn = random.getrandbits(_DRAWN_BITS)
    event_id = uuid7(moment.unix_milliseconds, drawn & _ID_MASK)
    drawn >>= RANDOM_BITS
    return event_id, uuid7(moment.unix_milliseconds, drawn & _ID_MASK), drawn >> RANDOM_BITS


def uuid7(unix_milliseconds: int, random_bits: int) -> str:
    """Return a UUID of version 7 in its hyphenated form.

    unix_milliseconds -- since 1970, below 2^48
    random_bits -- RANDOM_BITS of them; who passes the same gets the same
    """
    high = unix_milliseconds << 80 | (random_bits >> _LOW_BITS) << 64
    digits = f"{high | _VERSION | _VARIANT | random_bits & _LOW_MASK:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
