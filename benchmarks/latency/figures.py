"""What is measured at one rate: percentiles, and what belongs to their reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # it has no types

from benchmarks.latency.plan import Plan
from benchmarks.latency.publisher import Sent
from benchmarks.latency.shown import find_intervals, find_latencies, find_lateness, record
from benchmarks.latency.watcher import Reading

_PERCENTILES: Final = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p99.9": 99.9, "max": 100.0}
_MICROSECONDS: Final = 1_000.0  # in a millisecond


@dataclass(frozen=True)
class Latency:
    """What was measured at one rate.

    rate -- events a second
    events -- how many were measured, of `sent`; those before them, of the warm-up, do not count
    milliseconds -- from the moment when an event was due until it was shown, by "p50", …, "max"
    late_milliseconds -- from that moment until the publisher handed it to its producer
    behind_seconds -- how late the last event was: seconds, where the publisher cannot keep the schedule
    reading_milliseconds -- from one look at /metrics to the next
    processor_shares -- of all processors, from 0 to 1, by who spent it
    machine_shares -- of all processors: "idle", and "stolen" by the host of a virtual machine; what is missing to 1
    went to processes that have nothing to do with the measurement, and disturbed it
    megabytes -- memory at the end
    histogram, late_histogram -- HdrHistogram V2, compressed, base64, in microseconds
    """

    rate: int
    seconds: float
    processes: int
    events: int
    sent: int
    milliseconds: Mapping[str, float]
    late_milliseconds: Mapping[str, float]
    behind_seconds: float
    reading_milliseconds: Mapping[str, float]
    processor_shares: Mapping[str, float]
    machine_shares: Mapping[str, float]
    megabytes: Mapping[str, float]
    histogram: str
    late_histogram: str


@dataclass(frozen=True)
class Used:
    """What was used while it was measured, as in Latency."""

    processor_shares: Mapping[str, float]
    machine_shares: Mapping[str, float]
    megabytes: Mapping[str, float]


@dataclass(frozen=True)
class Observed:
    """What was seen at one rate.

    counts_from -- the moment (time.monotonic) at which the warm-up ended
    """

    sent: Sent
    readings: Sequence[Reading]
    counts_from: float
    used: Used

    def summarise(self, plan: Plan, processes: int) -> Latency:
        """Return the figures."""
        latencies = record(find_latencies(self.sent, self.readings, self.counts_from))
        lateness = record(find_lateness(self.sent, self.counts_from))
        return Latency(
            rate=plan.rate,
            seconds=plan.seconds,
            processes=processes,
            events=latencies.get_total_count(),
            sent=len(self.sent.places),
            milliseconds=_read(latencies),
            late_milliseconds=_read(lateness),
            behind_seconds=self.sent.handed_at[-1] - self.sent.due_at[-1],
            reading_milliseconds=_read(record(find_intervals(self.readings, self.counts_from))),
            processor_shares=self.used.processor_shares,
            machine_shares=self.used.machine_shares,
            megabytes=self.used.megabytes,
            histogram=latencies.encode().decode("ascii"),
            late_histogram=lateness.encode().decode("ascii"),
        )


def _read(histogram: HdrHistogram) -> dict[str, float]:
    """Return the percentiles in milliseconds."""
    return {name: histogram.get_value_at_percentile(at) / _MICROSECONDS for name, at in _PERCENTILES.items()}
