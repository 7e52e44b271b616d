"""`python -m tests.integration.newer consume | total | recount`: the command line of the next version."""

from pathlib import Path

from tests.integration.newer.kinds import extend

extend()

from ledger import migrations  # noqa: E402 - after the catalogue has changed
from onboarding.cli.main import main  # noqa: E402 - as above

if __name__ == "__main__":
    migrations.VERSIONS.append(Path(__file__).parent / "versions")
    main(prog_name="onboarding")
