"""One broker of a cluster, which is a controller too, and what can happen to it."""

from typing import Self

from tests.containers.kafka import KafkaBroker
from tests.faults.network import PeerNetwork
from tests.faults.proxy import Proxies

WORKER_PORT = 9094
# How long brokers wait for each other, where Kafka's own values (10 to 30 s) would let a cut outlive its mending.
# 3 s for an answer, as for the session (QUICK_RETURN), and for a follower before it leaves the in-sync replicas: six
# fetches (replica.fetch.wait.max.ms, 0.5 s) must be missed. 1 s for a connection: behind a cut every try is in vain,
# and TCP repeats its tries ever more seldom. The controllers' own are short as they are: 1 s for an election, 2 s for
# a fetch.
PATIENCE = {
    "KAFKA_REPLICA_LAG_TIME_MAX_MS": "3000",
    "KAFKA_REPLICA_SOCKET_TIMEOUT_MS": "3000",
    "KAFKA_CONTROLLER_SOCKET_TIMEOUT_MS": "3000",
    "KAFKA_SOCKET_CONNECTION_SETUP_TIMEOUT_MS": "1000",
    "KAFKA_SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS": "1000",
}


class Broker(KafkaBroker):
    """Broker `number` of `brokers` on two networks: published on 127.0.0.1 for clients, and connected to its peers."""

    def __init__(self, number: int, brokers: int, peers: PeerNetwork, proxies: Proxies) -> None:
        super().__init__()
        self.number = number
        self.is_isolated = True
        self._peers = peers
        self._worker_proxy = proxies.open("127.0.0.1", self.publish(WORKER_PORT))
        self.with_envs(**self._identity(brokers), **replication(brokers), **PATIENCE)
        # A broker reaches itself whatever becomes of its network.
        hosts = {name(peer): peers.address_of(peer) for peer in range(1, brokers + 1)}
        self.with_kwargs(extra_hosts={**hosts, name(number): "127.0.0.1"})

    @property
    def worker_address(self) -> str:
        """The address for workers, `host:port`: that of the proxy."""
        return f"127.0.0.1:{self._worker_proxy.port}"

    def start(self) -> Self:
        """Start the broker and wait until it answers, for which most of its peers must be started too."""
        self.launch()
        self.rejoin()
        return self.await_ready()

    def isolate(self) -> None:
        """Cut the broker from its peers; clients still reach it."""
        self.is_isolated = True
        self._peers.disconnect(self.get_container_id())

    def rejoin(self) -> None:
        """Connect the broker to its peers, under the address it has always had."""
        self._peers.connect(self.get_container_id(), self.number)
        self.is_isolated = False

    def cut_workers(self) -> None:
        """Let no byte pass between the broker and workers; connections stay open."""
        self._worker_proxy.cut()

    def leave_workers_half_open(self) -> None:
        """Let no more byte pass on the workers' connections; new ones pass."""
        self._worker_proxy.leave_half_open()

    def mend_workers(self) -> None:
        """Reset the workers' connections from before the cut, and let new ones pass."""
        self._worker_proxy.mend()

    def is_well(self) -> bool:
        """Tell whether the broker runs and reaches its peers."""
        return self._state() == "running" and not self.is_isolated

    def recover(self) -> Self:
        """Undo whatever has been done to the broker, and wait until it answers."""
        if self.is_isolated:
            self.rejoin()
        self.mend_workers()
        return super().recover()

    def _identity(self, brokers: int) -> dict[str, str]:
        me, protocols = name(self.number), self.env["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]
        voters = [f"{peer}@{name(peer)}:9093" for peer in range(1, brokers + 1)]
        return {
            "KAFKA_NODE_ID": str(self.number),
            "KAFKA_CONTROLLER_QUORUM_VOTERS": ",".join(voters),
            "KAFKA_LISTENERS": f"{self.env['KAFKA_LISTENERS']},WORKER://0.0.0.0:{WORKER_PORT}",
            "KAFKA_ADVERTISED_LISTENERS": f"HOST://{self.bootstrap},BROKER://{me}:19092,WORKER://{self.worker_address}",
            "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": f"{protocols},WORKER:PLAINTEXT",
        }


def name(number: int) -> str:
    """Return the name by which the peers know a broker."""
    return f"kafka-{number}"


def replication(brokers: int) -> dict[str, str]:
    """Return the settings that say how many copies there are, and how many must have a record."""
    copies, needed = str(brokers), str(brokers // 2 + 1)
    return {
        "KAFKA_DEFAULT_REPLICATION_FACTOR": copies,
        "KAFKA_MIN_INSYNC_REPLICAS": needed,
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": copies,
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": copies,
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": needed,
    }
