"""What the stack's processes show over HTTP on the host."""

import json
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from prometheus_client.parser import text_string_to_metric_families

# 5 s: an answer on loopback takes milliseconds.
ANSWER_SECONDS_MAX: Final = 5
# No proxy: one that the environment names must not be asked for 127.0.0.1.
_OPENER: Final = build_opener(ProxyHandler({}))


def read_page(url: str) -> str:
    """Return the text of a page; raise URLError when there is none."""
    with _OPENER.open(url, timeout=ANSWER_SECONDS_MAX) as answer:
        return str(answer.read().decode())


def read_samples(address: str, metric: str) -> list[float]:
    """Return the values of a metric that the process at `address` shows; none when it does not show it."""
    families = text_string_to_metric_families(read_page(f"http://{address}/metrics"))
    samples = [sample for family in families for sample in family.samples]
    return [sample.value for sample in samples if sample.name == metric]


def ask_prometheus(address: str, query: str) -> list[float]:
    """Return the values that Prometheus answers to a query of this moment."""
    return [float(result["value"][1]) for result in read_api(address, f"query?{urlencode({'query': query})}")["result"]]


def read_api(address: str, path: str) -> dict[str, Any]:
    """Return the data of a page of Prometheus's own API."""
    data: dict[str, Any] = json.loads(read_page(f"http://{address}/api/v1/{path}"))["data"]
    return data
