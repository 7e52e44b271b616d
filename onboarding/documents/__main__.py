"""`python -m onboarding.documents write | check`: the documents that are generated from the code.

They are the JSON Schemas, the AsyncAPI document, the reference and the test vectors under docs/, and the dashboards and
the rules of the totals under monitoring/.
"""

from pathlib import Path

import click

from onboarding.documents import files
from onboarding.documents.measured import find_old

_DIRECTORY = click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default=True,
    help="The root of the project.",
)


@click.group()
def main() -> None:
    """Write or check the documents that are generated from the code."""


@main.command()
@_DIRECTORY
def write(directory: Path) -> None:
    """Write every document that is stale, and name it."""
    for path in files.write(directory, files.generate()):
        click.echo(f"written: {directory / path}")


@main.command()
@_DIRECTORY
def check(directory: Path) -> None:
    """Fail when a document says something else than the code, or speaks of code of long ago.

    Names each and the command that mends it.
    """
    stale = files.find_stale(directory, files.generate())
    complaints = [f"{directory / path} is stale: run `make docs` and commit it" for path in stale]
    complaints += find_old(directory)
    for complaint in complaints:
        click.echo(complaint, err=True)
    raise SystemExit(1 if complaints else 0)


if __name__ == "__main__":
    main(prog_name="python -m onboarding.documents")
