"""The part of the page about the nation's whole history."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from benchmarks.page.result import Results
from benchmarks.page.text import fill, show, tabulate
from models.catalogue import KIND_BY_NAME

_HEAD: Final = ("total", "counted", "published figure", "")
_MINUTE: Final = 60


def tell_nation(results: Results) -> str:
    """Return the text about the replay of the nation's history."""
    result = results["nation"]
    (measured,) = result.measured
    return fill(
        "nation",
        conditions=result.describe(),
        events=f"{measured['events']:,}",
        minutes=show(measured["seconds"] / _MINUTE),
        rate=show(find_rate(measured)),
        generator=show(measured["generator_rate"]),
        gigabytes=show(measured["disk_gigabytes_max"]),
        drifts=str(measured["drift_cells"]),
        recount=show(measured["recount_seconds"]),
        table=tabulate(_HEAD, _rows(measured["totals"], measured["expected"])),
    )


def find_rate(measured: dict[str, Any]) -> float:
    """Return events a second."""
    return float(measured["events"] / measured["seconds"])


def _rows(totals: dict[str, int], expected: dict[str, int]) -> Iterable[Sequence[str]]:
    for name, published in expected.items():
        counted = totals.get(name, 0)
        if not published and not counted:
            continue
        verdict = "exact" if counted == published else f"**{counted - published:+,}**"
        yield KIND_BY_NAME[name].name.replace("_", " "), f"{counted:,}", f"{published:,}", verdict
