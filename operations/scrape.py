"""What a process shows over HTTP: its metrics as Prometheus would read them, and what it says of its readiness."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, NamedTuple

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from ledger.unavailable import UnavailableError
from models.catalogue import KINDS
from models.visible import hide_secrets

# 10 s: what Prometheus itself allows for a scrape by default.
_HTTP_SECONDS_MAX: Final = 10.0

Labels = frozenset[tuple[str, str]]


class Answer(NamedTuple):
    """What a page said."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Scrape:
    """The samples of one page, by name and labels."""

    samples: Mapping[tuple[str, Labels], float]

    def value(self, name: str, labels: Mapping[str, str]) -> float | None:
        """Return one sample, or None when the page does not show it."""
        return self.samples.get((name, frozenset(labels.items())))

    def all_of(self, name: str) -> list[tuple[dict[str, str], float]]:
        """Return every sample of a name with its labels."""
        return [(dict(labels), value) for (own, labels), value in self.samples.items() if own == name]

    @property
    def shows_totals(self) -> bool:
        """Whether it is the page of the stream worker that is active."""
        return any(self.value(kind.metric, {}) is not None for kind in KINDS)

    @property
    def not_current(self) -> tuple[str, ...]:
        """The kinds whose totals it shows, and marks as not known to be the ledger's any more."""
        marks = self.all_of("onboarding_total_current")
        return tuple(sorted(labels["kind"] for labels, current in marks if not current and "kind" in labels))


async def scrape_any(urls: str) -> Scrape:
    """Read the metrics pages of stream workers (addresses separated by commas), of which one shows the totals.

    Raises UnavailableError when none of them can be read.
    """
    found: list[Scrape] = []
    faults: list[UnavailableError] = []
    for url in urls.split(","):
        try:
            found.append(await scrape(url.strip()))
        except UnavailableError as fault:
            faults.append(fault)
    if not found:
        raise faults[0]
    return Scrape({place: value for page in found for place, value in page.samples.items()})


async def scrape(url: str) -> Scrape:
    """Read the metrics page of a process. Raises UnavailableError when there is none at `url`."""
    answer = await ask(url)
    if answer.status != HTTPStatus.OK:
        raise UnavailableError(
            f"{hide_secrets(url)} answers {answer.status}: check that the address is that of a metrics page"
        )
    try:
        return parse_scrape(answer.text)
    except ValueError as error:
        raise UnavailableError(f"{hide_secrets(url)} is no metrics page: check the address") from error


def parse_scrape(text: str) -> Scrape:
    """Read a page in the text format of Prometheus. Raises ValueError when it is none."""
    families: Iterable[object] = text_string_to_metric_families(text)
    return Scrape(
        {
            (sample.name, frozenset(sample.labels.items())): float(sample.value)
            for family in families
            for sample in family.samples  # type: ignore[attr-defined]  # the parser is not typed
        }
    )


async def ask(url: str) -> Answer:
    """Read a page whatever its status. Raises UnavailableError when nobody answers."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_HTTP_SECONDS_MAX)) as session,
            session.get(url) as response,
        ):
            return Answer(response.status, await response.text(errors="replace"))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise UnavailableError(
            f"{hide_secrets(url)} does not answer: check that the process runs and listens there"
        ) from error
