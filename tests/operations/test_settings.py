"""Settings as people write them: each is read, or told in one line that names it and what it is."""

import pytest

from onboarding.settings import SettingError, read_environment


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a:9092", "a:9092"),
        ("a:9092, b:9093 ,c:1", "a:9092,b:9093,c:1"),
        (" 10.0.0.1:9092\t", "10.0.0.1:9092"),
        ("[::1]:9092,[2001:db8::7]:9092", "[::1]:9092,[2001:db8::7]:9092"),
    ],
)
def test_a_list_of_brokers_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch, written: str, read: str) -> None:
    """With spaces behind commas, and with addresses of either version."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", written)
    assert read_environment().kafka_bootstrap_servers == read


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::", "collector.example"])  # noqa: S104
def test_a_host_is_a_name_or_an_address(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Of either version."""
    monkeypatch.setenv("ONBOARDING_HTTP_HOST", host)
    assert read_environment().onboarding_http_host == host


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "a", "Kafka brokers as host:port"),
        ("KAFKA_BOOTSTRAP_SERVERS", "a:1,", "Kafka brokers as host:port"),
        ("KAFKA_BOOTSTRAP_SERVERS", "::1:9092", "Kafka brokers as host:port"),
        ("KAFKA_BOOTSTRAP_SERVERS", "http://a:9092", "Kafka brokers as host:port"),
        ("ONBOARDING_HTTP_HOST", "localhost:9101", "write the host alone: the ports are ONBOARDING_..._PORT"),
        ("ONBOARDING_CONSUMER_PORT", "70000", "Port of a consumer process"),
        ("ONBOARDING_RECOUNT_HOURS", "0", "Hours from the end of one scheduled recount"),
        ("DATABASE_URL", "mysql://a:secret@b/c", "The Postgres database of the ledger"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    """And never its value, which may be a secret."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as raised:
        read_environment()
    line = str(raised.value)
    assert line.startswith(f"{name}: ")
    assert told in line
    assert "\n" not in line
    assert "secret" not in line
