"""A page is read as Prometheus reads it, and what is no page is told apart from one."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from ledger.unavailable import UnavailableError
from operations.scrape import ask, parse_scrape, scrape
from tests.operations.pages import COUNTS, say, write_page


@pytest_asyncio.fixture
async def server() -> AsyncIterator[TestServer]:
    """Give a server with a page of metrics, one of prose, and one that is not ready."""
    application = web.Application()
    application.router.add_get("/metrics", say(write_page(COUNTS)))
    application.router.add_get("/prose", say("this is { no page\n"))
    application.router.add_get("/readyz", say("waiting for Kafka\n", status=503))
    running = TestServer(application)
    await running.start_server()
    yield running
    await running.close()


async def test_a_page_is_read_over_http(server: TestServer) -> None:
    """Names and labels arrive as the worker wrote them."""
    page = await scrape(str(server.make_url("/metrics")))
    assert page.value("onboarding_accounts_activated_total", {}) == 4
    assert page.value("onboarding_accounts_activated_by_level_total", {"level": "2"}) == 1
    assert sorted(page.all_of("onboarding_accounts_activated_by_level_total"), key=str) == [
        ({"level": "1"}, 3),
        ({"level": "2"}, 1),
    ]


@pytest.mark.parametrize(("path", "says"), [("/prose", "is no metrics page"), ("/missing", "answers 404")])
async def test_what_is_no_page_is_told(server: TestServer, path: str, says: str) -> None:
    """A wrong address is one clear line with the address in it."""
    url = str(server.make_url(path))
    with pytest.raises(UnavailableError, match=says) as caught:
        await scrape(url)
    assert url in str(caught.value)


async def test_nobody_at_the_address_is_told(server: TestServer) -> None:
    """A process that is away is told with its address."""
    url = str(server.make_url("/metrics"))
    await server.close()
    with pytest.raises(UnavailableError, match="does not answer"):
        await scrape(url)


async def test_readiness_is_read_whatever_its_status(server: TestServer) -> None:
    """What a process waits for is the answer, not an error."""
    assert await ask(str(server.make_url("/readyz"))) == (503, "waiting for Kafka\n")


def test_a_sample_that_is_not_there_is_none() -> None:
    """Absent and 0 are two things."""
    page = parse_scrape("shown 0\n")
    assert (page.value("shown", {}), page.value("hidden", {})) == (0, None)
