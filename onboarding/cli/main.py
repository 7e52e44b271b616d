"""The `onboarding` command: one verb a process, one verb a question."""

import sys
from pkgutil import resolve_name
from typing import Final

import click
from click.shell_completion import CompletionItem

from models.visible import visible
from onboarding.cli._files import guard_output
from onboarding.cli._logs import set_up_logs
from onboarding.settings import SettingError

# In the order in which a newcomer needs them, each in a line of a terminal of 80 columns. A command is imported when it
# is asked for: with Faust and SQLAlchemy, which the processes need, `status` would take twice as long to start.
_COMMANDS: Final = {
    "run": "The whole system here: servers, processes, a history.",
    "consume": "Record every event in Postgres: a consumer.",
    "total": "Keep and show the totals: a stream worker.",
    "audit": "Count again on a schedule, close days: the auditor.",
    "check": "Say what would be refused of a file, and why.",
    "publish": "Publish events from a file.",
    "simulate": "Publish an invented national history.",
    "status": "How the system is, on one screen.",
    "doctor": "Look at every part, and say what to do about it.",
    "totals": "The totals: of all time, of a day, by a dimension.",
    "find": "What became of an event.",
    "why": "Why the number of a day is what it is.",
    "recount": "Count the ledger again, compare everything with it.",
    "reconcile": "Compare an upstream system's own daily counts.",
    "refused": "Refused records: list, show, export, replay.",
    "conflicts": "Records that contradict each other: list, decide.",
    "gaps": "Where a log did not go on from where recording stood.",
    "accept-gap": "Let a partition that is stopped at a gap go on.",
    "set-aside": "Refuse the one record that our program fails over.",
    "pause": "Record nothing more of a topic until it is resumed.",
    "resume": "Let a paused topic go on where it stands.",
    "rebuild": "Make the tallies those of the ledger again.",
    "ledger": "Which ledger this is, and whose totals Kafka shows.",
    "opening-balance": "What was counted before this stream began.",
    "completion": "Let a shell complete commands and values.",
}


class _Group(click.Group):
    """Imports a command, a file called like it, when it is asked for, and tells a wrong setting as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in their order."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None where there is none of this name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = resolve_name(f"onboarding.cli.{name}:{name}")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands and what each does, without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands, without importing any, and options."""
        named = [CompletionItem(name, help=told) for name, told in _COMMANDS.items() if name.startswith(incomplete)]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a wrong setting is the user's to mend, not a bug."""
        guard_output()
        try:
            return super().invoke(ctx)
        except SettingError as error:
            raise click.UsageError(visible(str(error))) from None
        except click.ClickException as error:
            error.message = visible(error.message)
            raise
        finally:
            sys.stdout.flush()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Count a country's move to digital identity, exactly once.

    \b
    Try it all here:    run
    Its processes:      consume, total, audit
    For upstream:       check, publish, simulate
    For operators:      status, doctor, totals, find, why, recount, reconcile
    Their decisions:    refused, conflicts, gaps, accept-gap, set-aside, pause,
                        resume, rebuild, ledger, opening-balance
    """  # noqa: D301 - click's \b keeps the lines apart
    set_up_logs()
