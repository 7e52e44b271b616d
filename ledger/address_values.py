"""What the parameters of DATABASE_URL may say: each wrong value is known before anybody connects."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_TLS: Final = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "sslnegotiation": ("postgres", "direct"),
    "ssl_min_protocol_version": _TLS,
    "ssl_max_protocol_version": _TLS,
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
}
_FILES: Final = ("passfile", "sslrootcert", "sslcert", "sslkey", "sslcrl")
# Where libpq and asyncpg look for certificates that nobody names.
_DEFAULT_ROOT: Final = Path(".postgresql", "root.crt")


def check_values(query: Mapping[str, str]) -> None:
    """Raise ValueError for the first parameter whose value cannot be right; never with what may be a secret.

    query -- the parameters by name
    """
    for name, value in query.items():
        if name in _VALUES and value not in _VALUES[name]:
            raise ValueError(f"{name} is one of {', '.join(_VALUES[name])}")
        if name in _FILES:
            _check_file(name, value)
    if query.get("sslmode", "").startswith("verify") and "sslrootcert" not in query and not _has_default_root():
        raise ValueError(f"sslmode={query['sslmode']} needs sslrootcert: whose certificates the server's is checked by")
    _load(query)


def _check_file(name: str, path: str) -> None:
    """Raise ValueError where a file cannot be read."""
    try:
        Path(path).open("rb").close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no name of a file"
        raise ValueError(f"{name} names a file that cannot be read: {why}") from error


def _has_default_root() -> bool:
    """Tell whether there are certificates where nobody has to name them."""
    try:
        return (Path.home() / _DEFAULT_ROOT).exists()
    except (OSError, RuntimeError):  # no home
        return False


def _load(query: Mapping[str, str]) -> None:
    """Raise ValueError where certificates cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name in ("sslrootcert", "sslcrl"):
        if name in query:
            try:
                context.load_verify_locations(query[name])
            except OSError as error:
                raise ValueError(f"{name} names a file without what it should hold, in PEM") from error
    if "sslcert" in query:
        try:  # a password is always given: OpenSSL would ask for one on the terminal
            context.load_cert_chain(query["sslcert"], query.get("sslkey"), lambda: query.get("sslpassword", ""))
        except OSError as error:
            raise ValueError("sslcert, sslkey and sslpassword do not belong together") from error
