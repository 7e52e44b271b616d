"""Which errors are the fault of Kafka, Postgres or the way to them, and are waited out; all others are bugs."""

from typing import Final

import asyncpg
from aiokafka.errors import KafkaError

from consumers.postgres import LockNotAvailable, is_outside_fault

FAULTS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
    KafkaError,
)


def name_fault(error: Exception) -> str:
    """Say what is waited for. Raises the error when it is no outside fault but a bug."""
    if isinstance(error, KafkaError):
        return "Kafka"
    if isinstance(error, LockNotAvailable):
        return "a lock in Postgres"
    if is_outside_fault(error):
        return "Postgres"
    raise error


def is_fault(error: Exception) -> bool:
    """Tell whether an error is the fault of Kafka, Postgres or the way to them."""
    return isinstance(error, KafkaError) or is_outside_fault(error)
