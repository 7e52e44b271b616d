"""What a process of ours imports, imported once for all of them."""

from collections.abc import Sequence

import click

from onboarding.cli import main

# A command is imported when it is looked up.
with click.Context(main) as context:
    for name in main.list_commands(context):
        main.get_command(context, name)


def run_command(words: Sequence[str]) -> None:
    """Run `onboarding` with these words, to its end."""
    main(words, prog_name="onboarding")
