"""What a person types about which ledger this is, and whose totals Kafka shows: `ledger show`, `adopt` and `fork`."""

from typing import Final

import click
from aiokafka.errors import KafkaError
from rich.console import RenderableType
from rich.table import Table

from brokers.claims import LIFE_SECONDS, Observed, observe
from ledger.decisions.rebind import NotReboundError, adopt, fork
from ledger.decisions.writer import open_writer
from ledger.identity import Binding, read_bindings
from ledger.unavailable import UnavailableError
from onboarding.cli._answers import answer, make_error_console, settings_or_error, show
from onboarding.cli._files import CommandError
from onboarding.cli._parameters import reason_option, signed_by
from onboarding.settings import Settings
from operations.moments import write_minute

_NOBODY: Final = "nobody has claimed this Kafka cluster yet"


@click.group()
def ledger() -> None:
    """Say which ledger this is, and whose totals the Kafka cluster shows."""


@ledger.command("show")
def show_ledger() -> None:
    """Name this ledger, what it is bound to and by whose decision, and who holds the claim on the Kafka cluster.

    Watches for 3 seconds whether the claim is renewed. Ends with 2 when Kafka or Postgres does not answer.

    \b
    Example:
      onboarding ledger show
    """  # noqa: D301 - click's \b keeps the example's lines apart
    settings = settings_or_error()
    bindings, observed = answer(_look(settings))
    show(_tabulate(bindings))
    click.echo(_describe(observed))


@ledger.command("adopt")
@reason_option("Why this ledger's totals are to be shown from now on")
@signed_by
def adopt_ledger(why: str, by: str) -> None:
    """Let this ledger's totals be the ones that its Kafka cluster shows, whoever held the claim before.

    For a new ledger in the place of one that is lost, and for a Kafka cluster in the place of another. Refused while
    the consumers of another ledger still renew their claim: stop them first. Consumers of this one may start then.

    Ends with 2 when another ledger lives, or Kafka or Postgres does not answer.

    \b
    Example:
      onboarding ledger adopt --why "the old ledger is lost without a backup, ticket 4711"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    click.echo(answer(_adopt(settings_or_error(), (by, why))))


@ledger.command("fork")
@reason_option("What this copy is for")
@signed_by
def fork_ledger(why: str, by: str) -> None:
    """Let this copy of a ledger be a ledger of its own, of the environment that ONBOARDING_ENVIRONMENT names.

    For a staging ledger made from production's backup. It is bound to the Kafka cluster of KAFKA_BOOTSTRAP_SERVERS, and
    takes it from nobody: its consumers do not start where another ledger's totals are shown.

    Ends with 2 when this ledger is new, or Kafka or Postgres does not answer.

    \b
    Example:
      ONBOARDING_ENVIRONMENT=staging onboarding ledger fork --why "load test, ticket 4712"
    """  # noqa: D301 - click's \b keeps the example's lines apart
    click.echo(answer(_fork(settings_or_error(), (by, why))))


async def _look(settings: Settings) -> tuple[list[Binding], Observed]:
    async with open_writer(settings.database_url) as connection:
        bindings = await read_bindings(connection)
    return bindings, await _observe(settings)


async def _observe(settings: Settings) -> Observed:
    """Watch the claim. Raises UnavailableError."""
    make_error_console().print(f"watching for {LIFE_SECONDS:g} s whether a claim is renewed")
    try:
        return await observe(settings.kafka_bootstrap_servers)
    except (KafkaError, TimeoutError) as error:
        raise UnavailableError(
            f"Kafka does not tell who holds the claim ({type(error).__name__}): check that it runs, that its topics "
            "are there, and what KAFKA_BOOTSTRAP_SERVERS says"
        ) from error


async def _adopt(settings: Settings, signed: tuple[str, str]) -> str:
    observed = await _observe(settings)
    async with open_writer(settings.database_url) as connection:
        ours = (await read_bindings(connection))[0].identity.ledger
        if observed.lives and observed.holder and observed.holder.ledger != ours:
            raise CommandError(f"{observed.holder.describe()} lives: stop its consumers first")
        place = (settings.onboarding_environment, observed.cluster)
        bound = await adopt(connection, observed.holder, place, signed)
    return f"Kafka cluster {bound.kafka_cluster} shows ledger {bound.ledger} once its consumers run"


async def _fork(settings: Settings, signed: tuple[str, str]) -> str:
    observed = await _observe(settings)
    async with open_writer(settings.database_url) as connection:
        try:
            bound = await fork(connection, (settings.onboarding_environment, observed.cluster), signed)
        except NotReboundError as error:
            raise CommandError(str(error)) from error
    return f"this copy is ledger {bound.ledger} of environment {bound.environment} from now on"


def _tabulate(bindings: list[Binding]) -> RenderableType:
    """Return the decisions as a table, the newest first."""
    table = Table("ledger", "environment", "Kafka cluster", "generation", "since", "by", "why")
    for identity, bound_at, by, why in bindings:
        ledger_id, generation, environment, cluster = identity
        table.add_row(
            str(ledger_id), environment or "-", cluster or "-", str(generation), write_minute(bound_at), by, why
        )
    return table


def _describe(observed: Observed) -> str:
    if observed.holder is None:
        return _NOBODY
    how = "lives" if observed.lives else f"was not renewed for {LIFE_SECONDS:g} s"
    return f"Kafka cluster {observed.cluster}: the claim of {observed.holder.describe()} {how}"
