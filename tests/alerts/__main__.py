"""Make every alert fire for real: `python -m tests.alerts --help`."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tests.alerts.cases import ALL
from tests.alerts.run import run
from tests.alerts.stage import open_stage
from tests.containers.kafka import KafkaBroker
from tests.containers.postgres import PostgresServer, fresh_database
from tests.containers.session import open_session


@click.command()
@click.option("--only", multiple=True, metavar="WORDS", help="Only cases whose name holds these words; repeatable.")
def main(only: tuple[str, ...]) -> None:
    """Cause each alert by a fault, see it in Prometheus and Alertmanager, mend the fault, and see the alert end.

    The rules are the committed ones, with every duration divided by 60 and 60 s at most. Logs and result.json go to a
    new folder in var/alerts.
    """
    cases = [case for case in ALL if not only or any(words in case.name for words in only)]
    if not cases:
        raise click.UsageError("--only fits none of these: " + ", ".join(case.name for case in ALL))
    folder = Path("var/alerts") / datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    folder.mkdir(parents=True)
    with open_session() as engine, KafkaBroker() as kafka, PostgresServer() as postgres:
        seen = asyncio.run(_run(engine, kafka, postgres, folder.absolute(), [case.name for case in cases]))
    (folder / "result.json").write_text(json.dumps(seen, indent=2) + "\n", encoding="utf-8")
    click.echo(f"{sum(len(each['alerts']) for each in seen)} alerts fired and ended: {folder / 'result.json'}")


async def _run(
    engine: Any, kafka: KafkaBroker, postgres: PostgresServer, folder: Path, names: list[str]
) -> list[dict[str, Any]]:
    """Try the named cases on a new stage."""
    async with fresh_database(postgres) as url:
        with open_stage(engine, kafka, postgres, url, folder) as stage:
            return await run(stage, [case for case in ALL if case.name in names], click.echo)


if __name__ == "__main__":
    main()
