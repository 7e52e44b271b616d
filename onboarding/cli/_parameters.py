"""What several commands are told in the same way: a day, a topic, a scale, and who takes the responsibility."""

import getpass
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from models.calendar import EARLIEST_TIME, day_of
from models.topics import INPUTS, PREFIX
from models.visible import visible
from upstream.simulation.figures import SCALE_MAX

FC = TypeVar("FC", bound=Callable[..., Any])

_DAYS: Final = {"today": timedelta(), "yesterday": timedelta(days=1)}


class DayType(click.ParamType):
    """A calendar day in Vietnam, as a date or in a word."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401 - of click
        """Return the day. Fails where it is none, or none that can have an event."""
        today, earliest = day_of(datetime.now(UTC)), EARLIEST_TIME.date()
        if value in _DAYS:
            return today - _DAYS[value]
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write YYYY-MM-DD, today or yesterday", param, ctx)
        if not earliest <= day <= today:
            self.fail(f"{day} has no events: they are of {earliest} to {today}, today in Vietnam", param, ctx)
        return day

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the words."""
        del ctx, param
        return [CompletionItem(word) for word in _DAYS if word.startswith(incomplete)]


class TopicType(click.Choice[str]):
    """An input topic by its name, with or without the word that all of them begin with, as `status` shows them."""

    def __init__(self) -> None:
        super().__init__([topic.name for topic in INPUTS])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - of click
        """Return the full name. Fails where no input topic has it."""
        short = f"{PREFIX}{value}"
        return super().convert(short if short in self.choices else value, param, ctx)


# `--help` names the placeholder alone: the list of all input topics would fill the screen.
topic_argument: Final = click.argument("topic", type=TopicType(), metavar="TOPIC")


def read_login() -> str:
    """Return who types this: the login, or the user id where this machine has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


# What a person decides is kept with a name under it.
signed_by: Final = click.option(
    "--by",
    default=read_login,
    type=visible,
    show_default="your login",
    metavar="TEXT",
    help="Who takes the responsibility; kept for the audit.",
)


def reason_option(what: str) -> Callable[[FC], FC]:
    """Return the option that asks why; what is kept of it can be printed anywhere."""
    return click.option("--why", required=True, type=visible, metavar="TEXT", help=f"{what}; kept for the audit.")


# 1000: 153,190 events take the whole path in well under a minute on two cores.
scale_option: Final = click.option(
    "--scale",
    type=click.IntRange(1, SCALE_MAX),
    default=1000,
    show_default=True,
    help="One event for every SCALE of the published figures.",
)
