"""How commands answer: a result, or one line that says why there is none."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from rich.console import Console, RenderableType

from ledger.unavailable import UnavailableError
from onboarding.cli._files import CommandError
from onboarding.settings import SettingError, Settings, read_settings

Answer = TypeVar("Answer")

# 200 columns where the output is no terminal: nothing wraps.
_FILE_COLUMNS: Final = 200


def answer(question: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a question to its answer. Raises CommandError where there is none."""
    try:
        return asyncio.run(question)
    except UnavailableError as error:
        raise CommandError(str(error)) from error


def settings_or_error() -> Settings:
    """Read the settings. Raises CommandError with one line for the first that is wrong."""
    try:
        return read_settings()
    except SettingError as error:
        raise CommandError(str(error)) from error


def read_url() -> str:
    """Return the address of the ledger. Raises CommandError as `settings_or_error` does."""
    return settings_or_error().database_url


def make_console() -> Console:
    """Return what prints results: in colours on a terminal alone, wide enough where none has a width."""
    width = None if sys.stdout.isatty() else _FILE_COLUMNS
    return Console(highlight=False, markup=False, width=width)


def make_error_console() -> Console:
    """Return what shows how far long work is: beside the results, so that these can be piped."""
    return Console(stderr=True, highlight=False)


def show(result: RenderableType) -> None:
    """Print a result."""
    make_console().print(result, soft_wrap=True)
