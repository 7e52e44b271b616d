"""What a benchmark publishes is what its parameters say."""

from itertools import islice

import pytest

from benchmarks.stage.traffic import enlarge, make_traffic
from models.calendar import moment_of
from models.decoding.one_record import Accepted, decode

pytestmark = pytest.mark.slow

# Long after the traffic: nothing of it is in the future.
APPENDED_AT = moment_of(1_900_000_000_000)
EVENTS = 120_000
DISTANCE = 100_000


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5])
def test_a_retry_comes_in_another_batch_than_its_event(share: float) -> None:
    """A duplicate must be found in the ledger, not beside its event."""
    first: dict[bytes, int] = {}
    retries: list[tuple[int, int]] = []
    for record in make_traffic(EVENTS, share, ordered=True):
        if record.value in first:
            retries.append((first[record.value], len(first)))
        first.setdefault(record.value, len(first))
    assert (len(first), len(retries)) == (EVENTS, EVENTS * share)
    # The last ones come at the end, as no more events follow.
    assert all(again > since + DISTANCE or again == EVENTS for since, again in retries)


@pytest.mark.parametrize("size", [500, 4_000])
def test_an_enlarged_event_has_its_size_and_is_the_same_fact(size: int) -> None:
    """The size alone is measured: what is kept of the event does not grow."""
    plain = list(islice(make_traffic(EVENTS, 0, ordered=True), 100))
    for before, after in zip(plain, enlarge(plain, size), strict=True):
        assert len(after.value) == size
        found = [decode(each.topic, each.key, each.value, (), APPENDED_AT) for each in (before, after)]
        assert found[0] == found[1]
        assert isinstance(found[0], Accepted)


def test_a_large_event_stays_as_it_is() -> None:
    """Nothing is cut off."""
    plain = list(islice(make_traffic(EVENTS, 0, ordered=True), 10))
    assert list(enlarge(plain, 0)) == plain
