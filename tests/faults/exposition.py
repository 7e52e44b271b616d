"""The text of a /metrics page as numbers by series; only as much of the format as this system's totals use."""

from collections.abc import Mapping

PREFIX = "onboarding_"


def parse(text: str) -> Mapping[str, float]:
    """Return every sample of the system's own by its series as it is written: `name` or `name{label="value"}`."""
    samples: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith(PREFIX):
            series, _, number = line.rpartition(" ")
            samples[series] = float(number)
    return samples


def write_series(name: str, label: str, value: str) -> str:
    """Return how a series with one label is written."""
    return f'{name}{{{label}="{value}"}}'


def name_of(series: str) -> str:
    """Return the metric that a series belongs to."""
    return series.partition("{")[0]
