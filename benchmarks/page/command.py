"""`python -m benchmarks page`: writes docs/performance.md and its pictures from the result files that there are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click

from benchmarks.page.compare import tell_compare
from benchmarks.page.curve import tell_curve
from benchmarks.page.goals import tell_goals
from benchmarks.page.latency import tell_latency
from benchmarks.page.limits import tell_limits
from benchmarks.page.nation import tell_nation
from benchmarks.page.pictures import Draw, draw_compare, draw_curve, draw_latency, draw_nation, draw_stages
from benchmarks.page.result import RESULTS, Results, read_results
from benchmarks.page.stages import tell_stages
from benchmarks.page.text import fill

DOCS: Final = Path(__file__).parents[2] / "docs"
_NAME: Final = "performance"
# By the result that each is about, in the order of the page.
_TELL: Final[dict[str, Callable[[Results], str]]] = {
    "compare": tell_compare,
    "latency": tell_latency,
    "curve": tell_curve,
    "stages": tell_stages,
    "nation": tell_nation,
}
_DRAW: Final[dict[str, Draw]] = {
    "compare": draw_compare,
    "latency": draw_latency,
    "curve": draw_curve,
    "stages": draw_stages,
    "nation": draw_nation,
}


@click.command()
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, help="Result files.")
@click.option("--docs", type=click.Path(path_type=Path, exists=True), default=DOCS, help="Where to write.")
def page(results: Path, docs: Path) -> None:
    """Write docs/performance.md and its pictures from the result files.

    What was not measured has no section.
    """
    found = read_results(results)
    write_page(found, docs)
    click.echo(f"{docs / _NAME}.md tells of: {', '.join(found) or 'no result yet'}", err=True)


def write_page(results: Results, docs: Path) -> None:
    """Write the page about results and its pictures into a folder; older pictures are removed."""
    (docs / f"{_NAME}.md").write_text(render(results), encoding="utf-8")
    pictures = docs / _NAME
    pictures.mkdir(exist_ok=True)
    for picture in pictures.glob("*.svg"):
        picture.unlink()
    for name, result in results.items():
        _DRAW[name](result, pictures / f"{name}.svg")


def render(results: Results) -> str:
    """Return the page about results."""
    return "\n\n".join(filter(None, _make_sections(results))) + "\n"


def _make_sections(results: Results) -> Iterator[str]:
    yield fill("preface")
    yield tell_goals(results)
    for name, tell in _TELL.items():
        if name in results:
            yield tell(results)
    yield tell_limits(results)
