"""What is kept of a replay."""

import itertools

import pytest

from benchmarks.nation.replay import SAMPLES_MAX, Sample, thin


@pytest.mark.parametrize("taken", [1, SAMPLES_MAX, SAMPLES_MAX + 1, 10 * SAMPLES_MAX + 7])
def test_few_samples_are_kept_and_the_last_is_among_them(taken: int) -> None:
    """A picture of the whole way."""
    samples = [Sample(seconds=second, published=0, recorded=0, shown=0) for second in range(taken)]

    kept = thin(samples)

    assert len(kept) <= SAMPLES_MAX
    assert kept[-1] == samples[-1]
    assert len({later.seconds - earlier.seconds for earlier, later in itertools.pairwise(kept)}) <= 1
