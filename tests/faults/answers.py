"""When each worker answered a scrape, and whether it showed any total: what tells that two showed one at once."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

# 0.5 s: between two answers further apart a worker may have stopped to show, and begun again.
_PAUSE_SECONDS_MAX: Final = 0.5


class Answer(NamedTuple):
    """One answered scrape: the worker showed what it says at some instant between the two moments."""

    sent_at: float
    received_at: float
    showing: bool


class Span(NamedTuple):
    """A time throughout which a worker showed totals."""

    begins_at: float
    ends_at: float


def find_overlaps(own: Sequence[Answer], others: Sequence[Answer]) -> Iterator[float]:
    """Yield when a worker showed totals within a time throughout which another did.

    Only what is certain counts: a slow answer may be older than it looks.
    """
    spans = list(_find_spans(others))
    begins = [span.begins_at for span in spans]
    for answer in own:
        place = bisect_right(begins, answer.sent_at)
        if answer.showing and place and answer.received_at <= spans[place - 1].ends_at:
            yield answer.received_at


def _find_spans(answers: Sequence[Answer]) -> Iterator[Span]:
    """Join showing answers that follow each other closely."""
    span: Span | None = None
    for answer in answers:
        joined = span is not None and answer.showing and answer.sent_at - span.ends_at < _PAUSE_SECONDS_MAX
        if span is not None and not joined:
            yield span
            span = None
        if answer.showing:
            span = Span(span.begins_at if span else answer.received_at, answer.sent_at)
    if span is not None:
        yield span
