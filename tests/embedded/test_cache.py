"""The cache is where the desktop's rules put it."""

from pathlib import Path

import pytest

from onboarding.local.embedded.cache import find_cache_dir


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_CACHE_HOME": "/big/disk"}, "/big/disk/onboarding"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/lan/.cache/onboarding"),
        ({"XDG_CACHE_HOME": ""}, "/home/lan/.cache/onboarding"),
        ({}, "/home/lan/.cache/onboarding"),
    ],
)
def test_cache_follows_the_base_directory_rules(environment: dict[str, str], expected: str) -> None:
    """A person with a full home points elsewhere in the usual way."""
    assert find_cache_dir(environment, Path("/home/lan")) == Path(expected)
