"""Small results of every command, made up: what is written about them can be reckoned by hand."""

from typing import Any

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # it has no types

from benchmarks.candidates import BARE_LOOP, COPY_ALONE, FAUST_TABLE, GETMANY, KAFKA_STREAMS, PRODUCT, Candidate
from benchmarks.page.result import Result
from upstream.simulation.figures import PUBLISHED

MACHINE = "2 cores, 24 GiB, Linux"
_RATES = (
    (BARE_LOOP, 100_000),
    (PRODUCT, 90_000),
    (KAFKA_STREAMS, 30_000),
    (FAUST_TABLE, 2_000),
    (GETMANY, 300_000),
    (COPY_ALONE, 200_000),
)
_POINTS: tuple[tuple[str, float, dict[str, Any]], ...] = (
    ("processes", 50_000, {"processes": 1}),
    ("processes", 60_000, {"processes": 1, "candidate": BARE_LOOP.name}),
    ("processes", 90_000, {}),
    ("batch", 40_000, {"batch_records_max": 500}),
    ("batch", 90_000, {}),
    ("ledger", 90_000, {}),
    ("ledger", 85_500, {"ledger_rows": 50_000_000}),
    ("ledger", 45_000, {"ledger_rows": 50_000_000, "ids": "v4"}),
    ("duplicates", 100_000, {}),
    ("duplicates", 80_000, {"duplicates": 0.05}),
)


def make_results() -> dict[str, Result]:
    """Return a result of each command."""
    return {
        "compare": _make([_run(candidate, rate) for candidate, middle in _RATES for rate in _spread(middle)]),
        "latency": _make([_make_latency(rate, rate / 100) for rate in (1_000, 20_000)]),
        "curve": _make([_make_visit(*point) for point in _POINTS]),
        "stages": _make(_make_stages()),
        "nation": _make([_make_nation()]),
    }


def _make(measured: object) -> Result:
    missing = {"another peer": "no package for this machine"}
    return Result("2026-11-22T12:00:00+00:00", "abc1234", MACHINE, {"Python": "3.11.7"}, measured, missing)


def _spread(rate: float) -> tuple[float, float, float]:
    """Return the rates of three runs."""
    return rate * 1.1, rate * 0.9, rate


def _run(candidate: Candidate, rate: float) -> dict[str, Any]:
    """Return a run of a million records that keeps both processors of the machine busy for half of the time."""
    seconds = 1_000_000 / rate
    spent = {"processes": 0.6 * seconds, "kafka": 0.1 * seconds, "postgres": 0.3 * seconds}
    size = {"megabytes": 100.0, "megabytes_all": 300.0}
    named = {"candidate": candidate.name, "processes": 2, "lacks": candidate.lacks}
    return {**named, **size, "records": 1_000_000, "seconds": seconds, "cpu_seconds": spent}


def _make_visit(axis: str, rate: float, place: dict[str, Any]) -> dict[str, Any]:
    """Return a visit to a point of the curve."""
    usual = {"partitions": 8, "batch_records_max": 5_000, "ledger_rows": 0, "ids": "v7", "duplicates": 0.001}
    return {**_run(PRODUCT, rate), **usual, "axis": axis, "round": 1, "event_bytes": 331.2, **place}


def _make_latency(rate: int, median: float) -> dict[str, Any]:
    """Return latencies at a rate: most are its median, in milliseconds, and every hundredth twice as long."""
    histogram = HdrHistogram(1, 600_000_000, 3)
    histogram.record_value(int(median * 1_000), 980)
    histogram.record_value(int(median * 2_000), 20)
    names = ("p50", "p90", "p99", "p99.9", "max")
    milliseconds = {name: median * (1 if name in {"p50", "p90"} else 2) for name in names}
    text = histogram.encode().decode()
    late, shares = dict.fromkeys(names, 1.0), {"consumers": 0.2, "Kafka": 0.1}
    found = {"rate": rate, "events": 1_000, "milliseconds": milliseconds, "late_milliseconds": late}
    return {**found, "processor_shares": shares, "histogram": text}


def _make_stages() -> list[dict[str, Any]]:
    """Return what a record costs each process."""
    spent = {
        ("consumer", "decode"): 3.0,
        ("consumer", "validate"): 2.0,
        ("consumer", "insert"): 1.0,
        ("stream worker", "Faust"): 0.1,
        ("Kafka", ""): 1.0,
    }
    return [{"process": name[0], "stage": name[1], "microseconds": cost, "places": {}} for name, cost in spent.items()]


def _make_nation() -> dict[str, Any]:
    """Return a replay with an error."""
    samples = [{"seconds": second, "published": second * 2, "recorded": second, "shown": second} for second in (0, 60)]
    totals = {"identity_records_received": 75_160_000, "accounts_activated": 53_880_000, "portal_logins": 24_149_999}
    measured = {"events": 153_190_000, "seconds": 1_200.0, "generator_rate": 250_000.0, "samples": samples}
    proof = {"totals": totals, "expected": PUBLISHED, "drift_cells": 0, "recount_seconds": 90.0}
    return {**measured, **proof, "disk_gigabytes_max": 41.2}
