"""What a person types once for each shell: `completion`."""

from typing import Final

import click
from click.shell_completion import get_completion_class

_PROGRAM: Final = "onboarding"
_VARIABLE: Final = "_ONBOARDING_COMPLETE"  # the one that click looks for when a program of this name starts
# Bash takes a colon for the end of a word, and the name of an upstream system has four of them.
_BEFORE: Final = {"bash": "COMP_WORDBREAKS=${COMP_WORDBREAKS//:}\n"}


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what lets a shell complete commands and values.

    \b
    Examples:
      onboarding completion bash > ~/.local/share/bash-completion/completions/onboarding
      onboarding completion zsh > ~/.zfunc/_onboarding        # ~/.zfunc in fpath, before compinit
      onboarding completion fish > ~/.config/fish/completions/onboarding.fish
    """  # noqa: D301 - click's \b keeps the examples' lines apart
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"this version of click knows no {shell}")
    click.echo(_BEFORE.get(shell, "") + found(context.find_root().command, {}, _PROGRAM, _VARIABLE).source())
