"""The simulated history: valid, in order, the same again from the same seed, and streamed."""

import tracemalloc
from collections import Counter, deque
from datetime import datetime
from functools import cache
from itertools import islice, pairwise
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from pydantic_core import from_json

from models.calendar import VIETNAM, day_of, moment_of
from models.catalogue import ACCOUNTS, IDENTITY_RECORDS, KIND_BY_NAME, KIND_BY_TOPIC, LOGINS
from models.decoding.one_record import Accepted, decode, encode
from models.places import PROVINCE_CODES
from upstream.publishing.outgoing import Outgoing
from upstream.simulation.citizens import Citizens
from upstream.simulation.figures import LAST_DAY, figures
from upstream.simulation.history import history
from upstream.simulation.populations import POPULATION_THOUSANDS
from upstream.simulation.schedule import Schedule
from upstream.simulation.writers import RecordWriter

pytestmark = pytest.mark.slow  # whole histories of 20,000 events

APPENDED_AT = datetime(2024, 6, 10, tzinfo=VIETNAM)  # midnight after the last day: nothing may be later
SAMPLE_SCALE = 7000  # 21,884 events
SIMULATED = (IDENTITY_RECORDS, ACCOUNTS, LOGINS)


class Citizen(NamedTuple):
    """What a history says of a citizen in one event."""

    time: datetime
    province: str


@cache
def sample() -> tuple[tuple[Outgoing, Accepted], ...]:
    """Return a whole small history with what the codec makes of it; fails when one is refused."""
    return tuple((outgoing, accept(outgoing)) for outgoing in history(SAMPLE_SCALE, seed=1))


def accept(outgoing: Outgoing) -> Accepted:
    """Decode a record that must be valid."""
    outcome = decode(outgoing.topic, outgoing.key, outgoing.value, (), APPENDED_AT)
    assert isinstance(outcome, Accepted), outcome
    return outcome


def field(accepted: Accepted, name: str) -> Any:
    """Return a field of an event's content, which begins with subject and time."""
    return accepted.content[("subject", "time", *accepted.kind.counted, *accepted.kind.details).index(name)]


def first_of_each(name: str) -> dict[bytes, Citizen]:
    """Return the citizens of one kind of event; fails when one has two."""
    events = [accepted for _, accepted in sample() if accepted.kind.name == name]
    citizens = {field(one, "subject"): Citizen(field(one, "time"), field(one, "province")) for one in events}
    assert len(citizens) == len(events)
    return citizens


@pytest.mark.parametrize("scale", [pytest.param(1000, marks=pytest.mark.slow), 7000, 100_000])
def test_sums_are_the_published_figures(scale: int) -> None:
    """The history adds up to what is printed in the newspaper, divided."""
    counted = Counter(outgoing.topic for outgoing in history(scale, seed=3))
    assert counted == {KIND_BY_NAME[name].topic: facts for name, facts in figures(scale).items()}


def test_every_event_is_accepted_and_written_as_the_codec_writes_it() -> None:
    """Templates are fast; they must be the contract all the same."""
    for outgoing, accepted in sample():
        event = KIND_BY_TOPIC[outgoing.topic].event.model_validate_json(outgoing.value)
        assert encode(event) == outgoing.value
        assert accepted.kind.topic == outgoing.topic


def test_events_are_in_order_of_time() -> None:
    """A consumer sees history as it happened, up to the last day and not beyond."""
    times = [field(accepted, "time") for _, accepted in sample()]
    assert all(one <= next_ for one, next_ in pairwise(times))
    assert day_of(times[-1]) <= LAST_DAY


def test_an_account_follows_its_record_with_the_same_citizen() -> None:
    """Same subject, same province, a later day: the activation rate is a rate of people."""
    records = first_of_each(IDENTITY_RECORDS.name)
    for subject, account in first_of_each(ACCOUNTS.name).items():
        assert day_of(records[subject].time) < day_of(account.time)
        assert records[subject].province == account.province


def test_who_logs_in_has_an_account() -> None:
    """A login needs an account activated before."""
    accounts = first_of_each(ACCOUNTS.name)
    for _, accepted in sample():
        if accepted.kind is LOGINS:
            assert accounts[field(accepted, "subject")].time < field(accepted, "time")


def test_identifiers_are_unique_and_of_the_events_time() -> None:
    """Nothing counts as a duplicate, and ids are of version 7, made when the fact happened."""
    identifiers = [text for _, accepted in sample() for text in (accepted.event_id, accepted.key)]
    assert len(set(identifiers)) == len(identifiers)
    for _, accepted in sample():
        for uuid in (UUID(accepted.event_id), UUID(accepted.key)):
            assert uuid.version == 7
            assert moment_of(uuid.int >> 80).replace(microsecond=0) == field(accepted, "time")


def test_provinces_have_their_share_of_people() -> None:
    """A map of the simulated country looks like the country: within five standard deviations of a fair draw."""
    events = first_of_each(IDENTITY_RECORDS.name)
    counted = Counter(citizen.province for citizen in events.values())
    people = sum(POPULATION_THOUSANDS.values())
    for code, thousands in POPULATION_THOUSANDS.items():
        expected = len(events) * thousands / people
        assert abs(counted[code] - expected) < 5 * expected**0.5


def test_populations_are_of_the_63_provinces() -> None:
    """No province is forgotten; together they are the 100.3 million of the yearbook."""
    assert tuple(POPULATION_THOUSANDS) == PROVINCE_CODES
    assert sum(POPULATION_THOUSANDS.values()) == 100_309


@pytest.mark.parametrize(("kind", "dimension"), [(kind, name) for kind in SIMULATED for name in kind.counted])
def test_every_value_of_every_dimension_occurs(kind: Any, dimension: str) -> None:
    """A dashboard tried with the history shows every line it can have."""
    found = {field(accepted, dimension) for _, accepted in sample() if accepted.kind is kind}
    expected = {
        "province": 63,
        "channel": 4,
        "level": 2,
        "portal": 11,
        "source": {LOGINS: 11, ACCOUNTS: 1}.get(kind, 2),
    }
    assert len(found) == expected[dimension]


def test_same_seed_gives_the_same_bytes() -> None:
    """Publishing a history again counts nothing twice, on whatever machine."""
    assert all(one == again for (one, _), again in zip(sample(), history(SAMPLE_SCALE, seed=1), strict=True))


def test_another_seed_gives_other_events() -> None:
    """Two histories can be published into one system."""
    others = list(history(SAMPLE_SCALE, seed=2))
    assert {from_json(outgoing.value)["id"] for outgoing, _ in sample()}.isdisjoint(
        from_json(outgoing.value)["id"] for outgoing in others
    )
    assert {outgoing.key for outgoing, _ in sample()}.isdisjoint(outgoing.key for outgoing in others)


def test_only_counts_by_day_are_held() -> None:
    """One to one is 153 million events, some 100,000 a day and kind: none is made before it is asked for."""
    tracemalloc.start()
    try:
        schedule = Schedule(1)
        densest = max(schedule.days(), key=lambda day: len(day.records))
        deque(islice(RecordWriter(Citizens(1), 1).write(densest), 1000), maxlen=0)
        deque(islice(history(1, seed=1), 1000), maxlen=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # 5 MB: two schedules of some thousand numbers; one day's events at this density would be 60 MB.
    assert len(densest.records) > 80_000
    assert peak < 5_000_000
