"""How long brokers hold an answer to a fetch back: not at all after silence, and for more while records stream in."""

from typing import Final, NamedTuple

from aiokafka import AIOKafkaConsumer


class Patience(NamedTuple):
    """A broker answers a fetch when it has so many bytes, or after so many milliseconds."""

    bytes_min: int
    milliseconds: int


# With little traffic records come together, some 20 times a second, and not one by one, each with its own transaction
# and pages; with much they are there already.
STREAMING: Final = Patience(1_000_000, 50)
# The first record comes at once, and an idle process asks 4 times a second instead of 20. Not longer: whatever else is
# asked over the same connection, to seek or to look at a log, waits for the answer to the fetch.
SILENT: Final = Patience(1, 250)


def ask_with(consumer: AIOKafkaConsumer, patience: Patience) -> None:
    """Let the fetches that follow be held back so long. aiokafka takes it at its start, and reads it for each fetch."""
    fetcher = consumer._fetcher  # noqa: SLF001 - aiokafka has no way to change it
    fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms = patience  # noqa: SLF001 - the same
