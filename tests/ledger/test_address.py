"""DATABASE_URL: what libpq takes is taken, and what is not is named in one line without a secret."""

import inspect
import re

import pytest
from asyncpg.connect_utils import _parse_connect_dsn_and_args

from ledger.address import check_address, find_hosts

TAKEN = {
    "postgresql://u:p@h:5433/d": [("h", 5433)],
    "postgres://h/d": [("h", 5432)],
    "postgresql://u@[::1]:5433/d": [("::1", 5433)],
    "postgresql://[fe80::1]/d": [("fe80::1", 5432)],
    "postgresql://a:1,b:2,c/d?target_session_attrs=read-write": [("a", 1), ("b", 2), ("c", 5432)],
    "postgresql://u:p@h/d?sslmode=require": [("h", 5432)],
    "postgresql://h/d?options=-c%20work_mem%3D64MB": [("h", 5432)],
    "postgresql:///d?host=/var/run/postgresql": [("/var/run/postgresql", 5432)],
    "postgresql://%2Fvar%2Frun%2Fpostgresql/d": [("/var/run/postgresql", 5432)],
    "postgresql:///d?host=h&port=5433&user=u": [("h", 5433)],
    "postgresql:///d": [("localhost", 5432)],
    "postgresql://u:p%40%2F%23@h/d": [("h", 5432)],
}


@pytest.mark.parametrize("url", TAKEN)
def test_what_libpq_takes_is_taken(url: str) -> None:
    """With the servers that it names, in their order; asyncpg finds the same ones."""
    assert check_address(url) == url
    assert [tuple(host) for host in find_hosts(url)] == TAKEN[url]


@pytest.mark.parametrize("url", [url for url in TAKEN if "host=" not in url and not url.endswith("///d")])
def test_asyncpg_finds_the_same_servers(url: str) -> None:
    """What is checked before is what is connected to after."""
    nothing = dict.fromkeys(inspect.signature(_parse_connect_dsn_and_args).parameters)
    found, _ = _parse_connect_dsn_and_args(**nothing | {"dsn": url})
    named = [each if isinstance(each, tuple) else (each.partition("/.s.PGSQL.")[0], 5432) for each in found]
    assert named == TAKEN[url]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:s3cret@h/d", "begin it with postgresql://"),
        ("h:5432/d", "begin it with postgresql://"),
        ("postgresql://u:s3cret#x@h/d", "write # in a password as %23"),
        ("postgresql://u:s3cret@h:abc/d", "a port is a number up to 65535"),
        ("postgresql://u:s3cret@h:70000/d", "a port is a number up to 65535"),
        ("postgresql://u:s3cret@[::1/d", "IPv6"),
        (
            "postgresql://u:s3cret@h/d?channel_binding=require",
            "leave out channel_binding: this program does not know it",
        ),
        ("postgresql://u:s3cret@h/d?connect_timeout=5", "leave out connect_timeout: this program sets it itself"),
        ("postgresql://u:s3cret@h/d?sslmode=", "sslmode has no value"),
        ("postgresql://u:s3cret@h/d?s3cret", "write what follows ? as name=value, joined by &"),
    ],
)
def test_what_is_wrong_is_named_without_a_secret(url: str, said: str) -> None:
    """In words that a person can act on."""
    with pytest.raises(ValueError, match=re.escape(said)) as error:
        check_address(url)
    assert "s3cret" not in str(error.value)
