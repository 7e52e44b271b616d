"""Along an axis one thing is varied, and only that."""

from dataclasses import asdict

import pytest

from benchmarks.candidates import BARE_LOOP, PRODUCT
from benchmarks.curve.points import VARIED, Point, make_points
from benchmarks.stage.prefill import Filling

LEDGERS = (0, 10_000_000)


@pytest.mark.parametrize("axis", VARIED)
def test_points_differ_in_what_is_varied_alone(axis: str) -> None:
    """A figure of the product that changes along an axis changes for one reason."""
    points = [asdict(point) for point in make_points(axis, LEDGERS) if point.candidate == PRODUCT.name]
    varied = {name for name in points[0] if len({point[name] for point in points}) > 1}
    assert varied == set(VARIED[axis]) - {"candidate"}


@pytest.mark.parametrize("axis", VARIED)
def test_no_point_is_measured_twice(axis: str) -> None:
    """Every point of an axis is another one."""
    points = make_points(axis, LEDGERS)
    assert len(set(points)) == len(points) > 1


@pytest.mark.parametrize("axis", sorted(set(VARIED) - {"ledger"}))
def test_every_axis_passes_through_the_usual_point(axis: str) -> None:
    """The axes can be compared where they meet."""
    usual = asdict(Point(axis=axis))
    assert usual in [asdict(point) for point in make_points(axis, LEDGERS)]


def test_full_ledgers_have_a_checkpoint_and_both_forms_of_ids() -> None:
    """A full ledger is measured where it hurts."""
    points = make_points("ledger", LEDGERS)
    assert all(point.checkpoint for point in points)
    assert [point.filling for point in points] == [Filling(rows, ids) for ids in ("v7", "v4") for rows in LEDGERS]


def test_the_product_is_started_with_the_batch_of_the_point() -> None:
    """Its constant is changed from outside, and its offsets are counted, which begin at 0 in a full ledger too."""
    starter = Point(axis="batch", batch_records_max=500).starter
    assert starter.worker == ("benchmarks.curve.worker", "500")
    assert "next_offset" in starter.count
    assert (starter.companions, starter.group) == (PRODUCT.companions, PRODUCT.group)


def test_the_bare_loop_is_started_as_it_is() -> None:
    """The yardstick is the same everywhere."""
    assert Point(axis="processes", candidate=BARE_LOOP.name).starter is BARE_LOOP
