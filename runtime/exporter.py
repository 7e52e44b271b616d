"""The HTTP endpoint of a process: /metrics for Prometheus, /healthz and /readyz for its supervisor.

`/metrics?name[]=…` shows only the samples of these names, as every client library of Prometheus has it: who looks often
and reads little does not make the process write the rest.
"""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from runtime.ending import StartError
from runtime.health import Health

_log = logging.getLogger(__name__)

_OK: Final = 200
_UNAVAILABLE: Final = 503


@asynccontextmanager
async def serve(registry: CollectorRegistry, health: Health, host: str, port: int) -> AsyncIterator[None]:
    """Serve the endpoint while the block runs. Raises StartError when it cannot listen there."""
    runner = web.AppRunner(_build(registry, health), access_log=None, logger=_log)
    await runner.setup()
    try:
        await _listen(web.TCPSite(runner, host, port), f"{host}:{port}")
        yield
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite, where: str) -> None:
    """Listen at an address. Raises StartError."""
    try:
        await site.start()
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        then = "end what listens there, or name another place: ONBOARDING_HTTP_HOST, ONBOARDING_..._PORT"
        raise StartError(f"cannot listen at {where}: {why}; {then}") from error


def _tell_of_strangers(record: logging.LogRecord) -> bool:
    """Make one line of a request that is no HTTP: what aiohttp says of it shows what a stranger sent."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = "a request was no HTTP: %s", (type(error).__name__,), None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


_log.addFilter(_tell_of_strangers)


def _build(registry: CollectorRegistry, health: Health) -> web.Application:
    """Wire the three pages."""

    async def show_metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        names = request.query.getall("name[]", [])
        asked = registry.restricted_registry(names) if names else registry
        return web.Response(body=encode(asked), headers={"Content-Type": content_type})

    async def show_liveness(_request: web.Request) -> web.Response:
        return web.Response(text=health.describe() + "\n", status=_OK if health.alive else _UNAVAILABLE)

    async def show_readiness(_request: web.Request) -> web.Response:
        return web.Response(text=health.describe() + "\n", status=_OK if health.ready else _UNAVAILABLE)

    application = web.Application()
    application.router.add_get("/metrics", show_metrics)
    application.router.add_get("/healthz", show_liveness)
    application.router.add_get("/readyz", show_readiness)
    return application
