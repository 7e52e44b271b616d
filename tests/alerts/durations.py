"""The committed rules in fast motion: nobody can wait a week for an alert."""

import re
from typing import Final

# Every duration of the rules (`for`, windows, offsets) is divided by 60 and is 60 s at most, so that a week is a minute
# too. Thresholds and all else stay as they are, also those that are seconds.
FACTOR: Final = 60
SECONDS_MAX: Final = 60.0

_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"(?P<before>\bfor: |\[|\boffset )(?P<number>\d+)(?P<unit>[smhdw])\b")


def shorten(rules: str) -> str:
    """Return a file of rules with every duration shortened."""
    return _DURATION.sub(_shorten, rules)


def _shorten(found: re.Match[str]) -> str:
    seconds = min(int(found["number"]) * _SECONDS[found["unit"]] / FACTOR, SECONDS_MAX)
    return f"{found['before']}{seconds * 1000:.0f}ms"
