"""The three pages of a process, asked over HTTP as Prometheus and a supervisor do."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from models.catalogue import KINDS
from runtime.ending import StartError
from runtime.exporter import serve
from runtime.health import STANDSTILL_SECONDS_MAX, Health
from tests.containers.ports import choose_port
from tests.doubles.clock import Clock
from tests.monitoring.registries import example_totals, totals_registry

HOST = "127.0.0.1"


@pytest_asyncio.fixture
async def client(health: Health) -> AsyncIterator[ClientSession]:
    """Give a client of a process that serves its pages at a port of its own."""
    port = choose_port()
    async with (
        serve(totals_registry(example_totals()), health, HOST, port),
        ClientSession(f"http://{HOST}:{port}") as session,
    ):
        yield session


async def ask(client: ClientSession, path: str) -> tuple[int, str]:
    """Return the status and the text of a page."""
    async with client.get(path) as response:
        return response.status, await response.text()


async def test_metrics_are_served_as_text_to_whoever_asks_for_nothing_else(client: ClientSession) -> None:
    """A person with curl, and a Prometheus of any age, can read them."""
    async with client.get("/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=")
        found = {sample.name for family in parse_text(await response.text()) for sample in family.samples}
    assert {kind.metric for kind in KINDS} <= found


async def test_metrics_are_served_as_openmetrics_to_whoever_accepts_it(client: ClientSession) -> None:
    """Prometheus asks for it first."""
    accept = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"}
    async with client.get("/metrics", headers=accept) as response:
        assert response.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        families = parse_openmetrics(await response.text())  # type: ignore[no-untyped-call]  # it has no types
        found = {sample.name for family in families for sample in family.samples}
    assert {kind.metric for kind in KINDS} <= found


async def test_who_asks_for_names_is_shown_no_other(client: ClientSession) -> None:
    """Totals, which have no names before they are known, as well as what is registered; a strange name is no error."""
    asked = {KINDS[0].metric, "onboarding_build_info"}
    async with client.get("/metrics", params=[("name[]", name) for name in (*asked, "strange\n{}")]) as response:
        assert {sample.name for family in parse_text(await response.text()) for sample in family.samples} == asked


NO_HTTP = [
    b"\x00\xff\x1b[31m\r\n\r\n",
    b"GET /metrics HTTP/9.9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET http://[::1/metrics HTTP/1.1\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
]
STRANGE_HEADERS = [
    b"Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;;=;q",
    b"Accept: application/openmetrics-text;version=999999999999999999999.x.y",
    b"Accept: text/plain;escaping",
    b"Accept: \xff\xfe;version=\x80",
    b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab",
]


@pytest.mark.parametrize("request_line", NO_HTTP)
async def test_what_is_no_http_is_one_line_of_the_log(
    client: ClientSession, request_line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing that a stranger sends is in it, and whoever asks next is answered."""
    assert (await send(client, request_line)).startswith(b"HTTP/1.0 400 ")
    told = {(record.levelname, record.getMessage()[:23], record.exc_info) for record in caplog.records}
    assert (
        told == {("WARNING", "a request was no HTTP: ", None)} or request_line == NO_HTTP[0]
    )  # of which nothing is told
    assert (await ask(client, "/healthz"))[0] == 200


@pytest.mark.parametrize("header", STRANGE_HEADERS)
async def test_strange_headers_are_answered(client: ClientSession, header: bytes) -> None:
    """As if they were not there."""
    request_line = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + b"\r\n\r\n"
    assert (await send(client, request_line)).startswith(b"HTTP/1.1 200 ")


async def send(client: ClientSession, request_line: bytes) -> bytes:
    """Send bytes to the process that a client knows, and return the answer."""
    assert client._base_url is not None  # noqa: SLF001 - it tells it to nobody
    reader, writer = await asyncio.open_connection(HOST, client._base_url.port)  # noqa: SLF001
    writer.write(request_line)
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_who_waits_is_alive_and_not_ready(client: ClientSession, health: Health) -> None:
    """A supervisor leaves it running and sends nobody there."""
    health.wait_for("Postgres")
    assert await ask(client, "/healthz") == (200, "waiting for Postgres\n")
    assert await ask(client, "/readyz") == (503, "waiting for Postgres\n")


async def test_who_works_is_alive_and_ready(client: ClientSession, health: Health) -> None:
    """Both pages say so."""
    health.progress()
    assert await ask(client, "/healthz") == (200, "working\n")
    assert await ask(client, "/readyz") == (200, "working\n")


async def test_who_stands_still_is_neither(client: ClientSession, clock: Clock) -> None:
    """A process that answers but makes no progress is ended by its supervisor."""
    clock.now += STANDSTILL_SECONDS_MAX + 1
    assert await ask(client, "/healthz") == (503, "standing still for 31 s\n")
    assert await ask(client, "/readyz") == (503, "standing still for 31 s\n")


async def test_there_is_no_other_page(client: ClientSession) -> None:
    """What is not meant to be shown is not."""
    status, _text = await ask(client, "/")
    assert status == 404


async def test_a_port_that_is_taken_is_an_error_and_a_port_that_was_left_is_free(health: Health) -> None:
    """Two processes must not think that both are served; the next one may have the port."""
    port, registry = choose_port(), totals_registry({})
    async with serve(registry, health, HOST, port):
        with pytest.raises(StartError, match=f"cannot listen at {HOST}:{port}: Address already in use; end what"):
            await serve(registry, health, HOST, port).__aenter__()
    async with serve(registry, health, HOST, port), ClientSession() as session:
        assert (await ask(session, f"http://{HOST}:{port}/healthz"))[0] == 200
