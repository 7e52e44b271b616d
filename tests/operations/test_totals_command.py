"""`totals` takes a day as people say it, and tells what is possible where it is none."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner, Result

from models.calendar import day_of
from onboarding.cli._parameters import DayType
from onboarding.cli.totals import totals
from tests.operations.pages import COUNTS, say, write_page


@pytest_asyncio.fixture
async def page() -> AsyncIterator[str]:
    """Give the address of a page that shows totals; it is served beside the command, which runs in a thread."""
    application = web.Application()
    application.router.add_get("/metrics", say(write_page(COUNTS)))
    async with TestServer(application) as server:
        yield str(server.make_url("/metrics"))


def test_a_day_may_be_a_word() -> None:
    """Yesterday is that of Vietnam."""
    today = day_of(datetime.now(UTC))
    take = DayType().convert
    assert take("today", None, None) in {today, today + timedelta(days=1)}  # midnight may pass meanwhile
    assert take("yesterday", None, None) in {today - timedelta(days=1), today}
    assert take("2024-06-09", None, None) == date(2024, 6, 9)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--day", "9 June"], "write YYYY-MM-DD, today or yesterday"),
        (["--day", "2015-12-31"], "they are of 2016-01-01 to "),
        (["--day", "2999-01-01"], "has no events"),
        (["--by", "colour"], "is not one of 'source', 'province'"),
        (["--json", "--csv"], "choose one form: --json or --csv"),
    ],
)
def test_what_cannot_be_asked_is_told_with_what_can(arguments: list[str], told: str) -> None:
    """A typist must not have to look it up."""
    result = CliRunner().invoke(totals, arguments)
    assert (result.exit_code, told in result.output) == (2, True)


async def test_a_breakdown_of_all_time_is_what_prometheus_sees(page: str) -> None:
    """Without a question to Postgres."""
    result = await ask(page, "--by", "province", "--csv")
    assert result.exit_code == 0
    header, *found = csv.reader(result.output.splitlines())
    assert header == ["kind", "day", "dimension", "value", "name", "facts", "state"]
    assert ["identity_records_received", "", "province", "79", "Thành phố Hồ Chí Minh", "7", ""] in found
    document = json.loads((await ask(page, "--by", "level", "--json")).output)
    assert document["totals"]["accounts_activated"]["2"] == {"name": None, "facts": 1}


async def ask(page: str, *arguments: str) -> Result:
    """Type `totals` while a page is served."""
    environment = {"ONBOARDING_TOTALS_URL": page}
    return await asyncio.to_thread(CliRunner().invoke, totals, arguments, env=environment)
