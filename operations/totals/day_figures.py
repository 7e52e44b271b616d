"""The figures of one day: what is counted, whether it may still change, and what was restated."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.table import Table

from models.calendar import VIETNAM
from operations.totals.shown import mark, name_for_people, new_table
from operations.why import Story

HEADER: Final = ("kind", "day", "facts", "state", "closed_at", "closed_with", "restated", "differs")


def describe_day(stories: Sequence[Story]) -> dict[str, Any]:
    """Return the document of `--json`: names stay, new ones may come; what is not known is null."""
    totals = {
        story.kind.name: {
            "facts": story.facts,
            "state": story.state,
            "closed_at": story.closed_at and story.closed_at.isoformat(),
            "closed_with": story.closed,
            "restated": story.restated,
            "differs": bool(story.differs),
        }
        for story in stories
    }
    return {"day": stories[0].day.isoformat(), "totals": totals}


def list_day(stories: Sequence[Story]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of `--csv`; what is not known is empty."""
    for story in stories:
        closed_at = story.closed_at.isoformat() if story.closed_at else ""
        closed = "" if story.closed is None else story.closed
        told = (closed_at, closed, story.restated, bool(story.differs))
        yield story.kind.name, story.day, story.facts, story.state, *told


def render_day(stories: Sequence[Story]) -> Table:
    """Return the table for a person."""
    table = new_table(str(stories[0].day), "facts", "state", "closed on", "closed with", "restated")
    for story in stories:
        closed_on = f"{story.closed_at.astimezone(VIETNAM):%Y-%m-%d}" if story.closed_at else "-"
        closed = "-" if story.closed is None else f"{story.closed:,}"
        restated = f"{story.restated:+,}" if story.restated else "-"
        facts = mark(story.facts, differs=bool(story.differs))
        table.add_row(name_for_people(story.kind.name), facts, story.state, closed_on, closed, restated)
    table.caption = f"`onboarding why {stories[0].day}` tells every change"
    return table
