"""What a process of ours imports, imported once for all of them: a command is imported when it is looked up."""

import click

from onboarding.cli import main

with click.Context(main) as context:
    for name in main.list_commands(context):
        main.get_command(context, name)
