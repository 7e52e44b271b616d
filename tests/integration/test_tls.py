"""Postgres over TLS: every way of asking for it, a whole consumer, and what is said when it cannot be."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from ledger.address import check_address
from ledger.connection import connect
from ledger.sqlstates import name_wait
from models.catalogue import LOGINS
from tests.containers.ports import choose_port
from tests.integration.events import make_record
from tests.integration.system import System, wait_until
from tests.integration.tls_end import tls_end

AUTHORITY = trustme.CA()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the certificates of the authority, and of another one."""
    for name, authority in (("root", AUTHORITY), ("other", trustme.CA())):
        authority.cert_pem.write_to_path(str(tmp_path / name))
    return tmp_path


@asynccontextmanager
async def _server(url: str, *names: str) -> AsyncIterator[str]:
    """Give the address of a ledger behind TLS, whose certificate is for names; without any, of one that has no TLS."""
    context = None
    if names:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        AUTHORITY.issue_cert(*names).configure_cert(context)
    server = urlsplit(url)
    async with tls_end(server.hostname or "", server.port or 0, context) as port:
        yield url.replace(f":{server.port}/", f":{port}/")


@pytest.mark.parametrize(
    ("parameters", "is_encrypted"),
    [
        ("", True),
        ("sslmode=disable", False),
        ("sslmode=allow", False),
        ("sslmode=prefer", True),
        ("sslmode=require", True),
        ("sslmode=require&ssl_min_protocol_version=TLSv1.3", True),
        ("sslmode=verify-ca&sslrootcert={folder}/root", True),
        ("sslmode=verify-full&sslrootcert={folder}/root", True),
    ],
)
async def test_tls_is_used_as_asked(database_url: str, folder: Path, parameters: str, *, is_encrypted: bool) -> None:
    """As libpq takes the parameters; by default where the server has it."""
    async with _server(database_url, "127.0.0.1") as url:
        address = check_address(f"{url}?{parameters.format(folder=folder)}")
        connection = await connect(address, "test", {})
        assert (connection._transport.get_extra_info("ssl_object") is not None) == is_encrypted  # noqa: SLF001
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()


@pytest.mark.parametrize(
    ("names", "parameters", "waits_for"),
    [
        (("elsewhere",), "sslmode=verify-full&sslrootcert={folder}/root", "Postgres to show a certificate"),
        (("127.0.0.1",), "sslmode=verify-full&sslrootcert={folder}/other", "Postgres to show a certificate"),
        ((), "sslmode=require", "Postgres to offer TLS"),
    ],
)
async def test_why_there_is_no_tls_is_named(
    database_url: str, folder: Path, names: tuple[str, ...], parameters: str, waits_for: str
) -> None:
    """A person has to mend it; it is waited for, as a password is."""
    async with _server(database_url, *names) as url:
        address = check_address(f"{url}?{parameters.format(folder=folder)}")
        with pytest.raises(OSError) as error:  # noqa: PT011 - its name is what is tested
            await connect(address, "test", {})
    assert name_wait(error.value).startswith(waits_for)


async def test_a_consumer_records_over_tls(system: System, folder: Path) -> None:
    """Its migrations go the same way."""
    async with _server(system.database_url, "127.0.0.1") as url:
        asked = f"{url}?sslmode=verify-full&sslrootcert={folder}/root"
        await asyncio.to_thread(system.start, "consume", DATABASE_URL=asked)
        await system.publish(make_record(LOGINS) for _ in range(20))
        await system.await_consumed(20)
        await asyncio.to_thread(system.end_all)


async def test_a_consumer_says_that_it_waits_for_a_certificate_that_it_can_trust(system: System, folder: Path) -> None:
    """At its start, before anything is asked of the server."""
    async with _server(system.database_url, "elsewhere") as url:
        asked = f"{url}?sslmode=verify-full&sslrootcert={folder}/root"
        consumer = system.launch(choose_port(), "consume", "onboarding", "consume", DATABASE_URL=asked)
        words = "Postgres to show a certificate"
        await asyncio.to_thread(wait_until, lambda: words in consumer.read("readyz")[1], "it says so")
        assert consumer.end() == 0
