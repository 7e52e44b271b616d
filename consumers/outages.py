"""Which errors are the fault of Kafka, Postgres or the way to them, and how they are waited out; others are bugs."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from consumers.claimant import ClaimBusyError
from ledger.connection import LockNotAvailable
from ledger.progress import ClaimMissedError
from ledger.sqlstates import ERRORS, name_wait
from models.visible import visible

FAULTS: Final = (*ERRORS, KafkaError)

_WAIT_SECONDS_MIN: Final = 0.1
_WAIT_SECONDS_MAX: Final = 2.0


def name_fault(error: Exception) -> str:
    """Say what is waited for. Raises the error when it is no outside fault but a bug."""
    if isinstance(error, ClaimMissedError):
        return "the claim of another owner to end"
    if isinstance(error, ClaimBusyError):
        return str(error)
    if isinstance(error, KafkaError):
        return "Kafka"
    if isinstance(error, LockNotAvailable):
        return "a lock in Postgres"
    if what := name_wait(error):
        return what
    raise error


def describe(error: Exception) -> str:
    """Return what a fault is, and the first line of what a server or client says of it."""
    said = visible(str(error).partition("\n")[0])
    return f"{type(error).__name__}{f': {said}' if said else ''}"


class BatchFailedError(Exception):
    """A batch could not be decoded or written, and no server is at fault; its cause is."""

    def __init__(self, sources: Collection[TopicPartition], cause: Exception) -> None:
        super().__init__()
        self.sources = sources
        self.cause = cause


@contextmanager
def blame(sources: Collection[TopicPartition]) -> Iterator[None]:
    """Raise what our program fails by over records of source partitions as BatchFailedError."""
    try:
        yield
    except (KafkaError, ClaimMissedError):
        raise
    except Exception as error:
        if name_wait(error):
            raise
        raise BatchFailedError(sources, error) from error


class Backoff:
    """Waits between attempts, each twice as long: short after a hiccup, and no storm on a server that comes back."""

    def __init__(self) -> None:
        self.seconds = _WAIT_SECONDS_MIN  # the next wait

    def reset(self) -> None:
        """Begin with the shortest wait again."""
        self.seconds = _WAIT_SECONDS_MIN

    async def wait(self) -> None:
        """Wait, longer than the time before."""
        await asyncio.sleep(self.seconds)
        self.seconds = min(2 * self.seconds, _WAIT_SECONDS_MAX)
