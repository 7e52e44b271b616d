"""`find`: says what became of an event."""

import sys
from uuid import UUID

import click

from onboarding.cli._answers import answer, settings_or_error
from onboarding.cli._waiting import note_when_long
from operations.find.fate import find as find_event
from operations.find.sentences import tell


@click.command()
@click.argument("event_id", metavar="EVENT_ID", type=click.UUID)
def find(event_id: UUID) -> None:
    """Say what became of an event: counted, refused, or a duplicate of what.

    EVENT_ID is the id of an event; the business key in its data (record number, account, login id) does as well.
    Neither the citizen's pseudonym nor anything else of a stored record is shown.

    Ends with 0 when the ledger knows the event, with 1 when it does not, with 2 when Postgres does not answer.

    \b
    Example:
      onboarding find 018fc2a4-7b1e-7c3d-9a52-3f6e8d0b1c2f
    """  # noqa: D301 - click's \b keeps the example's lines apart
    settings = settings_or_error()
    search = note_when_long(find_event(settings.database_url, event_id), "searching the tables from end to end")
    found = answer(search)
    for line in tell(event_id, found):
        click.echo(line)
    sys.exit(found.exit_code)
