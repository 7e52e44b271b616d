"""Sharing a whole number out by weights, so that the parts are whole numbers and add up to it exactly."""

from collections.abc import Hashable, Mapping, Sequence
from itertools import accumulate
from typing import Final, TypeVar

Choice = TypeVar("Choice", bound=Hashable)

# 65,536 slots are chosen from by 16 random bits; a share is then right to 0.002 %.
SLOTS: Final = 1 << 16


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` out by the largest remainder (Hare quota): no part is more than 1 from its exact share."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def apportion_running(total: int, weights: Sequence[int]) -> list[int]:
    """Return the running sums of `total` shared out: each is its exact share rounded up, the last is `total`."""
    whole = sum(weights)
    return [-(-total * running // whole) for running in accumulate(weights)]


def make_slots(shares: Mapping[Choice, int]) -> tuple[Choice, ...]:
    """Return SLOTS choices, each as often as its share: a random slot is then a choice by its share."""
    counts = apportion(SLOTS, list(shares.values()))
    return tuple(choice for choice, count in zip(shares, counts, strict=True) for _ in range(count))
