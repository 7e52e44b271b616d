"""What the ledger knew of a batch is shared out among its slices: each is told of its own facts, by their place."""

from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from ledger.batch import Slice
from ledger.recording import _share_out
from models.catalogue import LOGINS
from models.outcomes import Duplicate
from tests.doubles.facts import make_login, make_logins

SIZES = st.lists(st.integers(0, 5), min_size=1, max_size=6)


def make_slice(partition: int, facts: int) -> Slice:
    """Return a slice with so many facts."""
    rows = [make_login(1_000 * partition + place) for place in range(facts)]
    return Slice(TopicPartition(LOGINS.topic, partition), 0, facts, make_logins(rows), [], None)


@given(sizes=SIZES, data=st.data())
def test_each_slice_is_told_of_its_own_facts(sizes: list[int], data: st.DataObject) -> None:
    """Whatever was known of all, in the order of the slices, each one is found at one place again."""
    slices = [make_slice(partition, facts) for partition, facts in enumerate(sizes)]
    rows = [row for part in slices for row in part.facts]
    places = st.sets(st.integers(0, len(rows) - 1)) if rows else st.just(set())
    found = {place: data.draw(st.sampled_from(Duplicate)) for place in sorted(data.draw(places))}
    shared = list(_share_out(found, slices))
    assert [part.slice for part in shared] == slices
    told = {part.slice.facts[place]: duplicate for part in shared for place, duplicate in part.duplicates.items()}
    assert told == {rows[place]: duplicate for place, duplicate in found.items()}
    assert sum(part.accepted for part in shared) == len(rows) - len(found)
