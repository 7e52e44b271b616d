"""`python -m onboarding.documents write | check`: the documents that are generated from the code.

They are the JSON Schemas, the AsyncAPI document, the reference and the test vectors under docs/, and the dashboards and
the rules of the totals under monitoring/.
"""

from pathlib import Path

import click

from onboarding.documents import files

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
    """Fail when a document says something else than the code; name each and the command that mends it."""
    stale = files.find_stale(directory, files.generate())
    for path in stale:
        click.echo(f"{directory / path} is stale: run `make docs` and commit it", err=True)
    raise SystemExit(1 if stale else 0)


if __name__ == "__main__":
    main(prog_name="python -m onboarding.documents")
