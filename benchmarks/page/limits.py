"""The part of the page about what limits the product."""

from typing import Final

from benchmarks.candidates import COPY_ALONE, GETMANY, PRODUCT
from benchmarks.page.compare import find_standing
from benchmarks.page.result import Results
from benchmarks.page.stages import find_largest
from benchmarks.page.text import fill, join, show, show_share
from benchmarks.stages.table import VALIDATE
from models.topics import INPUTS

_MICROSECONDS: Final = 1e6
# 3 stages are more than half of the time.
_STAGES: Final = 3


def tell_limits(results: Results) -> str:
    """Return the text about limits; nothing where the product was not compared."""
    standing = find_standing(results, PRODUCT.name)
    if standing is None:
        return ""
    spent, cores = standing.microseconds, results["compare"].cores
    together = sum(spent.values())
    ceiling = cores * _MICROSECONDS / together
    return fill(
        "limits",
        own=f"{spent['processes']:.1f}",
        kafka=f"{spent['kafka']:.1f}",
        postgres=f"{spent['postgres']:.1f}",
        together=f"{together:.1f}",
        cores=cores,
        ceiling=show(ceiling),
        rate=show(standing.rate),
        share=show_share(standing.rate / ceiling),
        alone=show(_MICROSECONDS / spent["processes"]),
        partitions=sum(topic.partitions for topic in INPUTS),
        stages=_tell_stages(results),
        floor=_tell_floor(results),
    )


def _tell_floor(results: Results) -> str:
    """Return the text about what the libraries alone cost; nothing where that was not measured."""
    fetch, copy = find_standing(results, GETMANY.name), find_standing(results, COPY_ALONE.name)
    validate = dict(find_largest(results)).get(VALIDATE)
    if not (fetch and copy and validate):
        return ""
    costs = (sum(fetch.microseconds.values()), sum(copy.microseconds.values()), validate)
    cores = results["compare"].cores
    text = fill(
        "floor",
        **{name: f"{cost:.1f}" for name, cost in zip(("fetch", "copy", "validate"), costs, strict=True)},
        floor=f"{sum(costs):.1f}",
        cores=cores,
        ceiling=show(cores * _MICROSECONDS / sum(costs)),
    )
    return f"{text}\n"


def _tell_stages(results: Results) -> str:
    """Return the sentence about the largest stages; nothing where they were not measured."""
    largest = [f"*{stage}* ({microseconds:.1f} µs)" for stage, microseconds in find_largest(results)[:_STAGES]]
    return f"In a consumer the largest stages are {join(largest)}.\n" if largest else ""
