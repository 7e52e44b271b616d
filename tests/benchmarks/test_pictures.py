"""Pictures are the same for the same results, and name what they show."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.page.pictures import Draw, draw_compare, draw_curve, draw_latency, draw_nation, draw_stages
from tests.benchmarks.made_up import make_results

pytestmark = pytest.mark.slow

# 150 kB: the largest has a dozen panels.
BYTES_MAX = 150_000
DRAW: dict[str, tuple[Draw, set[str]]] = {
    "compare": (draw_compare, {"the product", "the bare loop", "90,000"}),
    "latency": (draw_latency, {"1,000 events/s", "20,000 events/s", "99 %"}),
    "curve": (draw_curve, {"processes", "records in a batch, at most", "records/s", "MB a process", "v4"}),
    "stages": (draw_stages, {"consumer", "decode", "insert", "Kafka"}),
    "nation": (draw_nation, {"published", "recorded", "shown", "million events", "minutes"}),
}


@pytest.mark.parametrize("name", DRAW)
def test_a_picture_is_the_same_each_time(name: str, tmp_path: Path) -> None:
    """A change in a picture is a change in what was measured."""
    draw, _ = DRAW[name]
    paths = [tmp_path / f"{number}.svg" for number in range(2)]
    for path in paths:
        draw(make_results()[name], path)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert len(first) < BYTES_MAX


@pytest.mark.parametrize("name", DRAW)
def test_a_picture_names_what_it_shows(name: str, tmp_path: Path) -> None:
    """Text in a picture stays text."""
    draw, named = DRAW[name]
    draw(make_results()[name], tmp_path / "picture.svg")
    tree = ET.parse(tmp_path / "picture.svg")  # noqa: S314 - we have just written it
    texts = {"".join(element.itertext()).strip() for element in tree.iter("{http://www.w3.org/2000/svg}text")}
    assert named <= texts
