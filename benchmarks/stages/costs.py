"""What a record costs the processor, by process and stage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from benchmarks.measure.trial import Measured
from benchmarks.stages.profile import Profile
from benchmarks.stages.table import OTHER, STAGES

_MICROSECONDS: Final = 1e6
# 5 places of what fits no stage are enough to see which function has another name now.
_PLACES_MAX: Final = 5
# Those whose processor time Trial reads beside Python's, as readers know them.
_SERVERS: Final = {"kafka": "Kafka", "postgres": "Postgres"}


@dataclass(frozen=True)
class Cost:
    """What a record costs the processor at one stage of a process.

    stage -- "" is all of a process that is not profiled
    places -- where what fits no stage is spent, in microseconds a record
    """

    process: str
    stage: str
    microseconds: float
    places: Mapping[str, float] = field(default_factory=dict)


def split_profile(process: str, profile: Profile, seconds: float, records: int) -> Iterator[Cost]:
    """Divide the processor seconds that a process spent on so many records by the samples of its stages."""
    sample = seconds / max(profile.samples, 1) / records * _MICROSECONDS
    strange = profile.strange.most_common(_PLACES_MAX)
    for stage in STAGES:
        if samples := profile.stages[stage]:
            places = {place: found * sample for place, found in strange} if stage == OTHER else {}
            yield Cost(process, stage, samples * sample, places)


def split_servers(measured: Measured) -> Iterator[Cost]:
    """Return what Kafka and Postgres spent on a record."""
    for key, name in _SERVERS.items():
        yield Cost(name, "", measured.cpu_seconds[key] / measured.records * _MICROSECONDS)
