"""Whoever has neither a name on this machine nor a home can work here, or is told what to do."""

import getpass
import os
from pathlib import Path
from typing import NoReturn

import pytest

from onboarding.cli._parameters import read_login
from onboarding.local.embedded import postgres_home
from onboarding.local.embedded.errors import EmbeddedServerError
from onboarding.local.servers import find_home
from onboarding.settings import read_environment


def _unknown(*_arguments: object) -> NoReturn:
    raise KeyError("uid not found")


def test_who_has_no_login_signs_with_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that was given any user id."""
    monkeypatch.setattr(getpass, "getuser", _unknown)
    assert read_login() == f"user {os.getuid()}"


def test_who_has_no_name_is_told_that_postgres_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, before initdb fails over it; who has one is not told."""
    postgres_home.require_name()
    monkeypatch.setattr("pwd.getpwuid", _unknown)
    with pytest.raises(EmbeddedServerError, match=r"has no name on this machine.*add a line to /etc/passwd"):
        postgres_home.require_name()


def test_who_has_no_home_keeps_downloads_beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither HOME nor an entry in passwd: Python raises RuntimeError then."""
    settings = read_environment()
    assert find_home(settings) == Path.home()
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", _unknown)
    assert find_home(settings) == settings.onboarding_state_dir.absolute()
