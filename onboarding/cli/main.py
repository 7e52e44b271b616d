"""The `onboarding` command: one verb a process, one verb a question."""

import sys
from pkgutil import resolve_name
from typing import Final

import click

from models.visible import visible
from onboarding.cli._files import guard_output
from onboarding.cli._logs import set_up_logs
from onboarding.settings import SettingError

# In the order in which a newcomer needs them. A command is imported when it is asked for: with Faust and SQLAlchemy,
# which the processes need, `status` would take twice as long to start.
_COMMANDS: Final = (
    "run",
    "consume",
    "total",
    "audit",
    "check",
    "publish",
    "simulate",
    "status",
    "doctor",
    "totals",
    "find",
    "why",
    "recount",
    "reconcile",
    "refused",
    "conflicts",
    "gaps",
    "accept-gap",
    "set-aside",
    "pause",
    "resume",
    "rebuild",
    "ledger",
    "opening-balance",
    "completion",
)


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
    Their decisions:    refused, conflicts, gaps, accept-gap, set-aside, pause, resume, rebuild, ledger, opening-balance
    """  # noqa: D301 - click's \b keeps the lines apart
    set_up_logs()
