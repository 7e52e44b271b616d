"""Hypothesis strategies of the domain: valid events of every kind, records of them, facts and pages."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args

from hypothesis import strategies as st

from models.calendar import CLOCK_AHEAD_MAX, EARLIEST_TIME, day_of
from models.catalogue import KINDS, Kind
from models.decoding.modes import STRUCTURED, Headers
from models.decoding.one_record import Accepted
from models.events import Cause, Channel, Portal, Source
from models.limits import DESK_LENGTH_MAX
from models.personal_numbers import reveals_personal_number
from models.places import PLACES, PROVINCE_CODES, place_at
from models.tally import Cell, Page, count

LATEST_TIME = datetime(2030, 12, 31, tzinfo=UTC)

kinds = st.sampled_from(KINDS)
uuids = st.uuids().map(str) | st.uuids(version=4).map(lambda uuid: str(uuid).upper())
subjects = st.binary(min_size=32, max_size=32).map(bytes.hex)
# Any offset of the world's zones and beyond, in minutes; RFC 3339 allows up to 23:59.
zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
desks = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=DESK_LENGTH_MAX).filter(
    lambda text: not reveals_personal_number(text)
)
moments = st.datetimes(datetime(2016, 1, 2), datetime(2030, 12, 30), timezones=zones)  # noqa: DTZ001 - zone is drawn


@dataclass(frozen=True)
class Record:
    """One Kafka record of an input topic, with the document it stands for."""

    kind: Kind
    document: dict[str, Any]
    appended_at: datetime

    @property
    def key(self) -> bytes:
        """The record key: the subject."""
        return str(self.document["subject"]).encode()

    def structured(self) -> tuple[bytes, Headers]:
        """Value and headers in structured mode."""
        return json.dumps(self.document, ensure_ascii=False).encode(), [("content-type", STRUCTURED.encode())]

    def binary(self) -> tuple[bytes, Headers]:
        """Value and headers in binary mode."""
        attributes = {name: text for name, text in self.document.items() if name != "data"}
        headers = [(f"ce_{name}", str(text).encode()) for name, text in attributes.items()]
        return json.dumps(self.document["data"]).encode(), [("content-type", b"application/json"), *headers]


@st.composite
def records(draw: st.DrawFn, of: st.SearchStrategy[Kind] = kinds) -> Record:
    """Draw a record of a valid event: whatever the contract allows, in every field."""
    kind, time = draw(of), draw(moments)
    document = {
        "specversion": "1.0",
        "type": kind.type,
        "id": draw(uuids),
        "source": draw(st.sampled_from(get_args(Source))),
        "subject": draw(subjects),
        "time": draw(written(time)),
        "data": draw(_data(kind, day_of(time))),
    }
    delay = draw(st.timedeltas(-CLOCK_AHEAD_MAX, timedelta(days=400)))
    return Record(kind, document, time + delay)


@st.composite
def written(draw: st.DrawFn, time: datetime) -> str:
    """Draw one of the ways in which RFC 3339 lets a moment be written."""
    text = time.isoformat()
    if text.endswith("+00:00"):
        text = draw(st.sampled_from([text, text[:-6] + "Z", text[:-6] + "z"]))
    return text.replace("T", draw(st.sampled_from("Tt")))


def _data(kind: Kind, day: date) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for the data of a kind on a day."""
    in_force = [code for code in PROVINCE_CODES if place_at(code, day)]
    fields: dict[str, st.SearchStrategy[Any]] = {
        "province": st.sampled_from(in_force),
        "channel": st.sampled_from(get_args(Channel)),
        "level": st.integers(1, 2),
        "portal": st.sampled_from(get_args(Portal)),
        "cause": st.sampled_from(get_args(Cause)),
        "state_before": st.sampled_from(["active", "locked"]),
    }
    required = {name: fields[name] for name in kind.dimensions} | {kind.business_key: uuids}
    return st.fixed_dictionaries(required, optional=dict.fromkeys(kind.details, st.none() | desks))


@st.composite
def facts(draw: st.DrawFn, of: st.SearchStrategy[Kind] = kinds) -> Accepted:
    """Draw a fact as the codec hands it over."""
    kind = draw(of)
    time = draw(st.datetimes(EARLIEST_TIME.replace(tzinfo=None), LATEST_TIME.replace(tzinfo=None), timezones=zones))
    values = {"province": st.sampled_from(sorted(PLACES)), "level": st.integers(1, 2)}
    dimensions = [draw(values.get(name, st.sampled_from("ab"))) for name in kind.dimensions]
    source = draw(st.sampled_from(get_args(Source)[:3]))
    content = (bytes(32), time, source, *dimensions, *[draw(st.none() | desks) for _ in kind.details])
    key, event_id = str(draw(st.uuids())), str(draw(st.uuids()))
    return Accepted(kind, key, event_id, content, (day_of(time), source, *dimensions))


def count_facts(batch: Sequence[Accepted]) -> Counter[Cell]:
    """Count facts of one kind."""
    return count(batch[0].kind, Counter(fact.counted for fact in batch)) if batch else Counter()


def pages(partition: int, partitions: int) -> st.SearchStrategy[Page]:
    """Return a strategy for pages of one source partition whose content follows from their version."""
    return st.builds(_page, st.just(partition), st.just(partitions), st.integers(0, 2), st.integers(0, 20))


def _page(partition: int, partitions: int, epoch: int, revision: int) -> Page:
    """Return the page of a version: one version has one content."""
    counted = partition * 1000 + epoch * 100 + revision
    return Page(
        topic="onboarding.portal-logins.v1",
        partition=partition,
        partitions=partitions,
        epoch=epoch,
        revision=revision,
        newest_at=datetime(2024, 6, 10, tzinfo=UTC) + timedelta(seconds=counted),
        totals={"all": {"": counted}, "portal": {"national": counted}},
        days={date(2024, 6, 10): counted},
    )
