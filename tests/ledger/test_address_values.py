"""A parameter of DATABASE_URL whose value cannot be right is named at the start, not waited for as a server is."""

from pathlib import Path

import certifi
import pytest

from ledger.address import check_address

URL = "postgresql://u:s3cret@h/d?"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a home with a file that holds no certificate."""
    (tmp_path / "s3cret.pem").write_text("none")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("sslmode=yes", "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full"),
        ("sslnegotiation=s3cret", "sslnegotiation is one of postgres, direct"),
        ("ssl_min_protocol_version=1.2", "ssl_min_protocol_version is one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3"),
        ("ssl_max_protocol_version=SSLv3", "ssl_max_protocol_version is one of"),
        ("target_session_attrs=best", "target_session_attrs is one of any, read-write"),
        ("sslmode=verify-full", "sslmode=verify-full needs sslrootcert"),
        ("sslmode=verify-ca&sslrootcert=nowhere.pem", "sslrootcert names a file that cannot be read: No such file"),
        ("sslmode=verify-ca&sslrootcert=s3cret.pem", "sslrootcert names a file without what it should hold"),
        ("sslcrl=s3cret.pem", "sslcrl names a file without what it should hold"),
        ("sslcert=s3cret.pem", "sslcert, sslkey and sslpassword do not belong together"),
        ("sslkey=.", "sslkey names a file that cannot be read: Is a directory"),
        ("passfile=%00", "passfile names a file that cannot be read: no name of a file"),
        ("service=s3cret", "leave out service"),
    ],
)
def test_a_value_that_cannot_be_right_is_named(parameters: str, said: str, folder: Path) -> None:
    """Without any value that may be a secret."""
    del folder  # it is where this test is
    with pytest.raises(ValueError, match=f"^{said}") as error:
        check_address(URL + parameters)
    assert "s3cret" not in str(error.value)


def test_certificates_are_taken_where_they_are_named_and_where_they_are_looked_for(folder: Path) -> None:
    """As libpq takes them."""
    assert check_address(f"{URL}sslmode=verify-full&sslrootcert={certifi.where()}")
    (folder / ".postgresql").mkdir()
    (folder / ".postgresql" / "root.crt").write_text(Path(certifi.where()).read_text(encoding="utf-8"))
    assert check_address(f"{URL}sslmode=verify-full")


@pytest.mark.parametrize("home", ["/nowhere", None])
def test_without_a_home_certificates_must_be_named(home: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else is wrong there."""
    monkeypatch.setenv("HOME", home) if home else monkeypatch.delenv("HOME")
    with pytest.raises(ValueError, match="needs sslrootcert"):
        check_address(f"{URL}sslmode=verify-ca")
