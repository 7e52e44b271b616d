"""The one table: what every client sent in every mode and codec, and what became of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from rich.table import Table

from tests.interop.clients import CLIENTS, Client
from tests.interop.verdict import Verdict

_HEAD: Final = ("client", "SDK", "mode", "codec", "sent", "counted", "batches", "refused", "verdict")
_NUMBERS: Final = frozenset({"sent", "counted", "batches"})


def tabulate(verdicts: Sequence[Verdict]) -> Table:
    """Return a row for each verdict."""
    table = Table()
    for name in _HEAD:
        table.add_column(
            name, justify="right" if name in _NUMBERS else "left", no_wrap=name not in {"refused", "verdict"}
        )
    names = {client.name: client.describe() for client in CLIENTS}
    for verdict in verdicts:
        numbers = (verdict.sent, verdict.counted, verdict.batches)
        refused = ", ".join(f"{number} {reason}" for reason, number in verdict.refused.items()) or "0"
        table.add_row(
            *names[verdict.row.client],
            *verdict.row[1:],
            *map(str, numbers),
            refused,
            "; ".join(verdict.faults) or "exact",
        )
    return table


def describe_clients(clients: Iterable[Client], lacking: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a line for each codec that was left out, and for each client that there is more to say of."""
    for client in clients:
        name = ", ".join(client.describe())
        yield from (f"left out: {name}, {codec}: {reason}" for codec, reason in lacking.get(client.name, {}).items())
        if client.remark:
            yield f"{name}: {client.remark}"
