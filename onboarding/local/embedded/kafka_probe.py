"""Asks a broker who it is, in the protocol's own bytes, before any client library is worth starting."""

import socket
import struct

# Metadata, version 2: the oldest that names the cluster; Kafka 4 takes it (KIP-896 keeps what librdkafka 1 speaks).
METADATA_KEY, METADATA_VERSION = 3, 2
CORRELATION_ID = 1
# 1 s: an answer on loopback takes a millisecond, and whoever asks asks again.
TIMEOUT_SECONDS = 1.0


def find_serving_cluster(host: str, port: int) -> str | None:
    """Return the id of the cluster that serves on this port, None while there is none.

    A connection alone proves nothing: Kafka listens before it serves, and then still refuses to create topics while its
    controller has not admitted it as a broker. The brokers of a Metadata answer are the admitted ones.
    """
    try:
        with socket.create_connection((host, port), TIMEOUT_SECONDS) as connection:
            connection.sendall(_make_request())
            (size,) = struct.unpack(">i", _read_exactly(connection, 4))
            return _parse_cluster_id(_read_exactly(connection, size))
    except (OSError, struct.error):  # struct.error: something that is no Kafka answered
        return None


def _make_request() -> bytes:
    """Return a Metadata request for no topics."""
    no_client_id, no_topics = -1, 0
    body = struct.pack(">hhihi", METADATA_KEY, METADATA_VERSION, CORRELATION_ID, no_client_id, no_topics)
    return struct.pack(">i", len(body)) + body


def _read_exactly(connection: socket.socket, count: int) -> bytes:
    """Read `count` bytes, or raise OSError when the other side ends before."""
    content = b""
    while len(content) < count:
        part = connection.recv(count - len(content))
        if not part:
            raise ConnectionResetError("the broker closed the connection")
        content += part
    return content


def _parse_cluster_id(answer: bytes) -> str | None:
    """Return the cluster id of an answer with at least one broker: [brokers], cluster id, ..."""
    _, brokers = struct.unpack_from(">ii", answer)
    offset = 8
    for _ in range(brokers):
        _, offset = _parse_string(answer, offset + 4)  # after the node id: the host
        _, offset = _parse_string(answer, offset + 4)  # after the port: the rack
    cluster_id, _ = _parse_string(answer, offset)
    return cluster_id if brokers else None


def _parse_string(answer: bytes, offset: int) -> tuple[str | None, int]:
    """Return a nullable string and the offset behind it."""
    (length,) = struct.unpack_from(">h", answer, offset)
    start = offset + 2
    if length < 0:
        return None, start
    return answer[start : start + length].decode("ascii", "replace"), start + length
