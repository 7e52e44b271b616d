"""DATABASE_URL: everything that a URL of libpq may say, or one line that names what this program does not take.

https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
"""

from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from ledger.address_values import check_values

PORT: Final = 5432
_SCHEMES: Final = frozenset({"postgresql", "postgres"})
_TAKEN: Final = frozenset(
    {
        *("host", "port", "dbname", "user", "password", "passfile", "options", "target_session_attrs"),
        *("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation"),
        *("ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib"),
    }
)
# This program sets them itself, for every connection in the way that fits what it does.
_OURS: Final = frozenset(
    {
        *("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
        *("tcp_user_timeout", "application_name", "fallback_application_name", "client_encoding"),
    }
)


class Host(NamedTuple):
    """Where a server listens: a name or an address and a port, or a folder that holds its socket."""

    name: str
    port: int

    @property
    def is_socket(self) -> bool:
        """Whether it is a folder on this machine."""
        return self.name.startswith(("/", "@"))


def check_address(url: str) -> str:
    """Return an address that every process can connect to.

    Raises ValueError, which names the part that is wrong and never holds what may be a secret.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError("begin it with postgresql://")
    if parts.fragment:
        raise ValueError("write # in a password as %23")
    if parts.query and not all("=" in each for each in parts.query.split("&")):
        raise ValueError("write what follows ? as name=value, joined by &")
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    for name, value in parameters:
        if name in _OURS:
            raise ValueError(f"leave out {name}: this program sets it itself")
        if name not in _TAKEN:
            raise ValueError(f"leave out {name}: this program does not know it")
        if not value:
            raise ValueError(f"{name} has no value")
    check_values(dict(parameters))
    list(find_hosts(url))
    return url


def find_hosts(url: str) -> Iterator[Host]:
    """Yield the servers of an address in their order; the default where it names none.

    Raises ValueError for a port that is none.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    named = query.get("host") or parts.netloc.rpartition("@")[2]
    ports = query.get("port", "").split(",")
    for number, each in enumerate(named.split(",")):
        name, port = _split(each)
        port = port or (ports[number] if number < len(ports) else ports[-1]) or str(PORT)
        if not (port.isdecimal() and 0 < int(port) <= 65_535):  # noqa: PLR2004 - of TCP
            raise ValueError("a port is a number up to 65535")
        yield Host(unquote(name) or "localhost", int(port))


def _split(host: str) -> tuple[str, str]:
    """Return name and port of `name:port`, `[address]:port`, or either alone."""
    if host.startswith("["):
        name, closed, rest = host[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ValueError("write an IPv6 address in brackets, and its port behind them")
        return name, rest[1:]
    name, _, port = host.partition(":")
    return name, port
