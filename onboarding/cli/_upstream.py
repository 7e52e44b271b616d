"""What the commands of upstream developers share: lines that are judged, and records that are sent."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from rich.console import Console

from models.outcomes import Refused
from onboarding.cli._files import CommandError
from onboarding.cli._progress import show_progress
from onboarding.settings import SettingError, read_settings
from upstream.publishing.check import Checked, check_lines
from upstream.publishing.lines import read_lines
from upstream.publishing.outgoing import Outgoing
from upstream.publishing.publisher import PublishError
from upstream.publishing.publisher import publish as publish_records


def check_now(file: BinaryIO) -> Iterator[Checked]:
    """Judge the lines of a file as of now."""
    return check_lines(read_lines(file), lambda: datetime.now(UTC))


def class_of(checked: Checked) -> str:
    """Return the class a line is summed up in."""
    if checked.is_counted:
        return "counted"
    return "refused" if isinstance(checked.outcome, Refused) else "duplicates"


def summarise(seen: Counter[str]) -> str:
    """Return one line that sums up the lines of a file."""
    parts = ", ".join(f"{name} {seen[name]:,}" for name in ("counted", "duplicates", "refused"))
    return f"{seen.total():,} lines: {parts}"


def send(outgoing: Iterator[Outgoing], total: int | None, console: Console) -> int:
    """Send records to the Kafka of the settings, showing how far it is."""
    # Its own lines repeat on each attempt what this command says once, and name no setting.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        bootstrap = read_settings().kafka_bootstrap_servers
        with show_progress("published", total, console, time.monotonic) as report:
            return asyncio.run(publish_records(bootstrap, outgoing, report, console.print))
    except (SettingError, PublishError) as error:
        raise CommandError(str(error)) from error
