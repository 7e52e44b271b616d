"""Prometheus with the committed rules, the committed Alertmanager, and node_exporter, in containers of their own."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError

import yaml
from testcontainers.core.labels import LABEL_SESSION_ID, SESSION_ID

from tests.alerts.durations import shorten
from tests.compose.pages import read_api, read_page
from tests.containers.ports import choose_port
from tests.containers.waiting import await_condition
from tests.monitoring.tools import ALERTMANAGER, PROMETHEUS, pack

NODE_EXPORTER: Final = "prom/node-exporter:v1.5.0"
FOLDER: Final = Path(__file__).parents[2] / "monitoring" / "prometheus"
# 60 s: each is ready within two; a loaded machine needs longer.
_READY_SECONDS_MAX: Final = 60.0
# 1 s in place of 5: durations are shortened by more, and this is as often as a loaded machine can.
_INTERVAL: Final = "1s"
# The disk of the broker, as far as node_exporter knows.
DISK: Final = "/disks/kafka"
DISK_MEGABYTES: Final = 50


@dataclass(frozen=True)
class Watch:
    """Who watches the processes of a stage, and what is heard of it."""

    prometheus: str  # address as host:port
    alertmanager: str
    disk: Any  # the container that has the disk

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire now."""
        alerts = read_api(self.prometheus, "alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def told(self) -> dict[str, bool]:
        """Return the names of the alerts that Alertmanager has, and whether all of that name are inhibited."""
        suppressed: dict[str, bool] = {}
        for alert in json.loads(read_page(f"http://{self.alertmanager}/api/v2/alerts")):
            name = alert["labels"]["alertname"]
            suppressed[name] = suppressed.get(name, True) and alert["status"]["state"] == "suppressed"
        return suppressed

    def fill_disk(self, megabytes: float) -> None:
        """Write to the disk behind what is there."""
        command = f"dd if=/dev/zero bs=1024 count={int(megabytes * 1024)} >> {DISK}/filled 2>/dev/null"
        assert self.disk.exec_run(["sh", "-c", command]).exit_code == 0

    def empty_disk(self) -> None:
        """Delete what was written."""
        self.disk.exec_run(["rm", "-f", f"{DISK}/filled"])


@contextmanager
def watching(engine: Any, targets: Mapping[str, list[int]]) -> Iterator[Watch]:
    """Watch processes of this machine while the block runs.

    targets -- job -> ports on 127.0.0.1
    """
    prometheus, alertmanager, node = (f"127.0.0.1:{choose_port()}" for _ in range(3))
    texts = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yml")}
    rules = {name: shorten(text) for name, text in texts.items() if name.endswith(".rules.yml")}
    jobs = {job: [f"127.0.0.1:{port}" for port in ports] for job, ports in targets.items()} | {"node": [node]}
    settings = {"prometheus.yml": _configure(texts["prometheus.yml"], jobs, alertmanager)}
    disk = _create_node_exporter(engine, node)
    containers = [
        disk,
        _create(engine, ALERTMANAGER, alertmanager, "etc/alertmanager", texts, "--cluster.listen-address="),
        _create(engine, PROMETHEUS, prometheus, "etc/prometheus", rules | settings, "--storage.tsdb.path=/prometheus"),
    ]
    try:
        for container in containers:
            container.start()
        for page in (f"{prometheus}/-/ready", f"{alertmanager}/-/ready", f"{node}/metrics"):
            await_condition(partial(_answers, f"http://{page}"), f"{page} answers", _READY_SECONDS_MAX)
        yield Watch(prometheus, alertmanager, disk)
    finally:
        for container in containers:
            container.remove(force=True, v=True)


def _configure(committed: str, jobs: Mapping[str, list[str]], alertmanager: str) -> str:
    """Return the committed configuration with other targets, looked at more often."""
    configuration = yaml.safe_load(committed)
    configuration["global"] = {
        "scrape_interval": _INTERVAL,
        "scrape_timeout": _INTERVAL,
        "evaluation_interval": _INTERVAL,
    }
    configuration["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager]}]}]
    assert {job["job_name"] for job in configuration["scrape_configs"]} == jobs.keys()
    configuration["scrape_configs"] = [
        {"job_name": job, "static_configs": [{"targets": targets}]} for job, targets in jobs.items()
    ]
    return yaml.safe_dump(configuration)


def _create(engine: Any, image: str, address: str, folder: str, files: Mapping[str, str], *options: str) -> Any:
    """Create a container on this machine's own network, with files in a folder."""
    name = image.partition("/")[2].partition(":")[0]
    container = engine.containers.create(
        image,
        [f"--config.file=/{folder}/{name}.yml", f"--web.listen-address={address}", *options],
        network_mode="host",
        labels={LABEL_SESSION_ID: SESSION_ID},
    )
    container.put_archive("/", pack(folder, files))
    return container


def _create_node_exporter(engine: Any, address: str) -> Any:
    """Create the container that measures a small disk of its own."""
    options = ["--collector.disable-defaults", "--collector.filesystem"]
    return engine.containers.create(
        NODE_EXPORTER,
        [*options, f"--web.listen-address={address}"],
        network_mode="host",
        labels={LABEL_SESSION_ID: SESSION_ID},
        tmpfs={DISK: f"size={DISK_MEGABYTES}m"},
    )


def _answers(url: str) -> bool:
    try:
        read_page(url)
    except (URLError, OSError):
        return False
    return True
