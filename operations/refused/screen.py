"""Refused records on a screen: tables of them, and the lines about one. Nothing of their content is shown here."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table

from models.outcomes import EXPLANATIONS, Reason
from operations.moments import write_second
from operations.refused.reading import Group, RefusedRecord

UNKNOWN: Final = "unknown"  # the source of a record that names no registered one


def tabulate_groups(groups: Sequence[Group]) -> Table:
    """Return how many there are, a row for each topic, source and reason."""
    table = Table("topic", "source", "reason", "records", "unresolved", "since (Vietnam)", "newest")
    for group in groups:
        counts = (f"{group.records:,}", f"{group.unresolved:,}")
        moments = (write_second(group.oldest_at), write_second(group.newest_at))
        table.add_row(group.topic, group.source or UNKNOWN, group.reason, *counts, *moments)
    return table


def tabulate_records(records: Sequence[RefusedRecord]) -> Table:
    """Return a row for each record."""
    table = Table("id", "topic/partition", "offset", "appended (Vietnam)", "source", "reason", "field", "resolved")
    for each in records:
        place = (f"{each.topic}/{each.partition}", str(each.offset), write_second(each.appended_at))
        table.add_row(str(each.id), *place, each.source or UNKNOWN, each.reason, each.field, each.outcome or "no")
    return table


def describe_record(record: RefusedRecord) -> Sequence[str]:
    """Say where a record was, why it was refused, and what became of it."""
    known = record.reason in {*Reason}
    why = EXPLANATIONS[Reason(record.reason)] if known else "a reason unknown to this version"
    appended = f"appended {write_second(record.appended_at)} (Vietnam)"
    if record.resolved_at is not None:
        then = f"resolved by {record.resolved_by} on {write_second(record.resolved_at)} (Vietnam): {record.outcome}"
    elif record.masked:
        then = "unresolved; it was masked or withheld when it was kept: its upstream system must publish it again"
    else:
        mended = f"`onboarding refused replay {record.id}` puts it through again once our program or registers take it"
        then = f"unresolved: {mended}; else its upstream system must mend it and publish it again"
    return (
        f"{record.id}: {record.topic}/{record.partition} offset {record.offset}, {appended}",
        f"source: {record.source or UNKNOWN}",
        f"refused: {record.reason}{f' ({record.field})' if record.field else ''}: {why}",
        then,
    )
