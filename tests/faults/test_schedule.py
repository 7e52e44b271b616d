"""A run can be repeated from its seed, does every kind of fault, and never two of the same harm at once."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.faults.faults import ALL
from tests.faults.schedule import choose_kinds, plan_overlap, plan_sequence

_TWENTY_MINUTES = 1_200.0


def test_the_same_seed_gives_the_same_run() -> None:
    """A run that found something must be repeatable; another seed must not give the same one."""
    assert plan_sequence(7, ALL, 60) == plan_sequence(7, ALL, 60) != plan_sequence(8, ALL, 60)
    assert plan_overlap(7, ALL, _TWENTY_MINUTES) == plan_overlap(7, ALL, _TWENTY_MINUTES)
    assert plan_overlap(7, ALL, _TWENTY_MINUTES) != plan_overlap(8, ALL, _TWENTY_MINUTES)


@pytest.mark.parametrize("seed", range(5))
def test_a_sequence_does_every_kind_about_as_often(seed: int) -> None:
    """No kind is left to luck, and none comes twice before every other has come."""
    times = Counter(planned.kind for planned in plan_sequence(seed, ALL, 60))
    assert set(times) == set(ALL)
    assert set(times.values()) <= {60 // len(ALL), 60 // len(ALL) + 1}


@pytest.mark.parametrize("seed", range(5))
def test_faults_overlap_but_none_of_the_same_harm(seed: int) -> None:
    """The second phase is there for faults on top of each other; one victim is harmed in one way at a time."""
    planned = plan_overlap(seed, ALL, _TWENTY_MINUTES)
    ends = [(each.at, each.at + each.hold_seconds, each.kind.harm) for each in planned]
    assert any(later[0] < earlier[1] for earlier, later in pairwise(ends))
    for harm in {kind.harm for kind in ALL}:
        own = [end for end in ends if end[2] == harm]
        assert all(later[0] >= earlier[1] for earlier, later in pairwise(own))


def test_strikes_end_before_the_phase_does() -> None:
    """Each fault is mended within the phase."""
    planned = plan_overlap(1, ALL, _TWENTY_MINUTES)
    assert max(each.at + each.hold_seconds for each in planned) < _TWENTY_MINUTES
    assert plan_overlap(1, ALL, 0.0) == []


def test_every_hold_is_within_the_bounds_of_its_kind() -> None:
    """A frozen consumer must be frozen for longer than its session, or it is no zombie."""
    for planned in plan_sequence(3, ALL, 200):
        least, greatest = planned.kind.hold_seconds
        assert least <= planned.hold_seconds <= greatest


def test_one_broker_leaves_out_what_needs_three() -> None:
    """The leader of a partition cannot be cut off from peers that there are not."""
    assert set(choose_kinds(ALL, 3)) == set(ALL)
    assert all(kind.needs_brokers == 1 for kind in choose_kinds(ALL, 1))
    assert len(choose_kinds(ALL, 1)) < len(ALL)


def test_names_are_different() -> None:
    """The report sums up by name."""
    assert len({kind.name for kind in ALL}) == len(ALL)
