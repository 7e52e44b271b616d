"""Connections to Kafka on uvloop, which raises where asyncio's own loop is silent: on a transport that is closed.

aiokafka expects OSError of a write, so that a connection that has just broken ended whatever task wrote to it.
"""

from typing import Any

from aiokafka import conn
from aiokafka.errors import KafkaConnectionError, KafkaError


class _Connection(conn.AIOKafkaConnection):  # type: ignore[misc]  # aiokafka is not typed
    """A connection that is broken when it cannot be written to, whatever the loop says of it."""

    def send(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - of aiokafka
        """Send a request. Raises aiokafka.errors.KafkaConnectionError."""
        try:
            return super().send(*arguments, **options)
        except KafkaError:
            raise
        except RuntimeError as error:
            self.close(reason=conn.CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError(f"Connection at {self.host}:{self.port} broken: {error}") from error


def outlive_broken_connections() -> None:
    """Let every client of this process take a write to a closed connection for what it is."""
    vars(conn).update(AIOKafkaConnection=_Connection)
