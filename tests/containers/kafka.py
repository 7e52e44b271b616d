"""Apache Kafka in a container: one node, KRaft, with a port that stays the same over a restart."""

import socket
from typing import Self

from tests.containers.faults import FaultyContainer

IMAGE = "apache/kafka:4.1.1"
# 384 MB holds what a test sends; the machine runs Postgres, the workers and pytest beside it.
HEAP = "-Xms128m -Xmx384m"
# Starts sooner than the default G1 with C2, and leaves the second core to the test.
JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
# Where the image keeps its logs.
DATA = "/var/lib/kafka/data"
STARTED = b"Kafka Server started"


class KafkaBroker(FaultyContainer):
    """A real broker on 127.0.0.1; `bootstrap` is its address for clients of this machine."""

    def __init__(self) -> None:
        super().__init__(IMAGE)
        self.port = self.publish(9092)
        self._starts_seen = 0
        self.with_envs(**settings(self.port))

    @property
    def bootstrap(self) -> str:
        """The address for clients, `host:port`; known before the start, the same after a restart."""
        return f"127.0.0.1:{self.port}"

    def await_ready(self) -> Self:
        """Wait for one more start than the log held so far: it keeps the lines of the process that was killed."""
        super().await_ready()
        self._starts_seen = self._starts()
        return self

    def is_ready(self) -> bool:
        """Tell whether the broker has said so since the container was last started.

        Its log, which grows as long as it lives, is not read before it listens.
        """
        with socket.socket() as tried:
            listens = tried.connect_ex(("127.0.0.1", self.port)) == 0
        return listens and self._starts() > self._starts_seen

    def _starts(self) -> int:
        return bytes(self.get_wrapped_container().logs()).count(STARTED)


def settings(port: int) -> dict[str, str]:
    """Return the broker's configuration, as the environment of its image, for a published `port`."""
    return {
        "CLUSTER_ID": "4L6g3nShT-eMCtK--X86sw",
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENERS": "HOST://0.0.0.0:9092,BROKER://0.0.0.0:19092,CONTROLLER://0.0.0.0:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"HOST://127.0.0.1:{port},BROKER://localhost:19092",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "HOST:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "BROKER",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LOG_DIRS": DATA,
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        # For processes of tests that die often; ours have the session that brokers allow by default.
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
        "KAFKA_HEAP_OPTS": HEAP,
        "KAFKA_JVM_PERFORMANCE_OPTS": JVM,
        # An idle broker writes to its own log of metadata twice a second, a quarter of what it does.
        "KAFKA_METADATA_MAX_IDLE_INTERVAL_MS": "0",
        **ONE_NODE,
        **QUICK_RETURN,
    }


# Kafka's own topics: one node can hold one copy, and three partitions spread as well as fifty.
ONE_NODE = {
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "3",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "3",
}

# A killed broker may register again only when its old session has ended, by default after 9 s. 3 s with a
# heartbeat each 0.5 s: six must be lost before a broker on a loaded machine is taken for dead.
QUICK_RETURN = {
    "KAFKA_BROKER_SESSION_TIMEOUT_MS": "3000",
    "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS": "500",
}
