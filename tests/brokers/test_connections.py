"""A write to a connection that has just broken is an error of Kafka's client, not of the program."""

from typing import Any, NoReturn

import pytest
from aiokafka import conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from brokers.connections import outlive_broken_connections


class ClosedTransport:
    """Writes as uvloop does to a transport that is closed."""

    def write(self, _message: bytes) -> NoReturn:
        """Refuse."""
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    def close(self) -> None:
        """Be closed already."""


async def test_a_write_to_a_closed_transport_breaks_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked is told so, and the client opens another one."""
    monkeypatch.setattr(conn, "AIOKafkaConnection", conn.AIOKafkaConnection)  # put back afterwards
    outlive_broken_connections()
    connection: Any = conn.AIOKafkaConnection("127.0.0.1", 9092)
    connection._writer = ClosedTransport()  # noqa: SLF001 - as connect() sets it
    connection._versions = {3: (0, 1)}  # noqa: SLF001 - as connect() learns them
    with pytest.raises(KafkaConnectionError, match="the handler is closed"):
        connection.send(MetadataRequest(["a"]))
    assert not connection.connected()
