"""Machines without fitting binaries are told so in one line."""

import pytest

from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.embedded.server import check_machine, check_this_machine


@pytest.mark.parametrize(
    ("system", "processor", "c_library"),
    [("Darwin", "arm64", ""), ("Linux", "aarch64", "glibc"), ("Linux", "x86_64", ""), ("Windows", "AMD64", "")],
)
def test_other_machine_is_told_what_to_set_instead(system: str, processor: str, c_library: str) -> None:
    """One clear line, before a foreign binary fails to start."""
    with pytest.raises(EmbeddedServerError, match=r"Linux on x86-64.*set KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL"):
        check_machine(system, processor, c_library)


def test_this_machine_is_taken() -> None:
    """The tests themselves need the servers."""
    check_this_machine()
