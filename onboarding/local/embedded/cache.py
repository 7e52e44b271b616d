"""Where downloads are kept, for every clone of one user."""

from collections.abc import Mapping
from pathlib import Path


def find_cache_dir(environment: Mapping[str, str], home: Path) -> Path:
    """Return the cache folder by the XDG base directory rules: a relative XDG_CACHE_HOME does not count."""
    named = Path(environment.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else home / ".cache") / "onboarding"
