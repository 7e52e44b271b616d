"""The commands that write and check the generated documents."""

from pathlib import Path

import click

_DIRECTORY = click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default=True,
    help="The root of the project.",
)


@click.group()
def docs() -> None:
    """Write or check the documents that are generated from the code.

    They are the JSON Schemas, the AsyncAPI document, the reference and the test vectors under docs/, and the dashboard
    and the rules of the totals under monitoring/.
    """


@docs.command()
@_DIRECTORY
def write(directory: Path) -> None:
    """Write every document that is stale, and name it."""
    # PyYAML is a development dependency: only who works on the code writes documents.
    from onboarding.documents import files  # noqa: PLC0415 - see above

    for path in files.write(directory, files.generate()):
        click.echo(f"written: {directory / path}")


@docs.command()
@_DIRECTORY
def check(directory: Path) -> None:
    """Fail when a document says something else than the code; name each and the command that mends it."""
    from onboarding.documents import files  # noqa: PLC0415 - PyYAML is a development dependency, as above

    stale = files.find_stale(directory, files.generate())
    for path in stale:
        click.echo(f"{directory / path} is stale: run `onboarding docs write` and commit it", err=True)
    raise SystemExit(1 if stale else 0)
