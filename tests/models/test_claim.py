"""Whose claim counts does not depend on the order in which claims are read, and who lives is not displaced."""

from functools import reduce
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.claim import Claim, Standing, greatest, judge

A, B = UUID(int=1), UUID(int=2)


def make_claim(ledger: UUID = A, generation: int = 1, incarnation: int = 100, epoch: int = 100) -> Claim:
    """Return a claim of production."""
    return Claim(ledger=ledger, environment="production", generation=generation, incarnation=incarnation, epoch=epoch)


numbers = st.integers(min_value=0, max_value=3)
claims = st.lists(st.builds(make_claim, st.sampled_from([A, B]), numbers, numbers), min_size=1)


@given(claims, st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(made: list[Claim], random: Random) -> None:
    """Nor what compaction has left, as long as the greatest is among it."""
    shuffled = random.sample(made, len(made))
    first, second = reduce(greatest, made, None), reduce(greatest, shuffled, None)
    assert first is not None
    assert second is not None
    assert first.rank == second.rank == max(claim.rank for claim in made)


@given(claims, claims)
def test_a_claim_that_lives_is_displaced_by_nobody(made: list[Claim], others: list[Claim]) -> None:
    """Whoever asks while it lives is told that it is busy, or refused; the same one alone goes on."""
    holder = reduce(greatest, made, None)
    for wanted in others:
        standing = judge(wanted, holder, lives=True)
        assert (standing is Standing.OURS) == (holder is not None and wanted.rank == holder.rank)
        assert standing is not Standing.FREE


@pytest.mark.parametrize(
    ("wanted", "lives", "standing"),
    [
        (make_claim(), False, Standing.OURS),
        (make_claim(incarnation=101), True, Standing.BUSY),
        (make_claim(incarnation=101), False, Standing.FREE),
        (make_claim(incarnation=99), False, Standing.FREE),  # an older server has come back: it begins anew
        (make_claim(B), False, Standing.REFUSED),
        (make_claim(B, incarnation=200), False, Standing.REFUSED),
        (make_claim(generation=0), False, Standing.REFUSED),  # restored from before a person's word
        (make_claim(B, generation=2), True, Standing.BUSY),
        (make_claim(B, generation=2), False, Standing.FREE),
    ],
)
def test_what_may_be_claimed(wanted: Claim, lives: bool, standing: Standing) -> None:  # noqa: FBT001 - a case
    """Beside a claim of ledger A in its first generation."""
    assert judge(wanted, make_claim(), lives=lives) is standing


def test_a_kafka_cluster_that_nobody_has_claimed_is_free() -> None:
    """The first one may."""
    assert judge(make_claim(), None, lives=False) is Standing.FREE


def test_a_renewed_claim_is_known_as_it_was_read_last() -> None:
    """Its epoch says how far the ledger is."""
    assert greatest(make_claim(epoch=100), make_claim(epoch=105)).epoch == 105


def test_no_claim_takes_the_place_of_another_in_a_compacted_log() -> None:
    """Each has a key of its own, and a renewed one the same."""
    made = [make_claim(), make_claim(B), make_claim(generation=2), make_claim(incarnation=101)]
    assert len({claim.key for claim in made}) == len(made)
    assert make_claim(epoch=1).key == make_claim(epoch=2).key


@pytest.mark.parametrize("environment", ["", "Production", "two words", "a\nb", "x" * 41])
def test_an_environment_has_a_plain_name(environment: str) -> None:
    """It is compared letter by letter, and printed."""
    with pytest.raises(ValidationError):
        Claim(ledger=A, environment=environment, generation=1, incarnation=1, epoch=1)
