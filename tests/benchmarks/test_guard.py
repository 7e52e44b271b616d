"""The product stays near the bare loop: the guard against a change that makes it slow without anybody noticing."""

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from benchmarks.candidates import BARE_LOOP, PRODUCT
from benchmarks.measure.trial import Trial
from benchmarks.stage.servers import empty_database, fill, open_servers

pytestmark = [pytest.mark.slow, pytest.mark.alone]

# Half of the bare loop's rate, where `make bench` wants 0.8 of it: with few records and other tests' leftovers on the
# machine the ratio strays by a third, and what is to be caught (a lost batch, a query a record) costs far more.
RATIO_MIN: Final = 0.5
_EVENTS: Final = 150_000
# The best of three: what else the machine does makes a run slower and never faster.
_ROUNDS: Final = 3


async def _measure(folder: Path) -> dict[str, list[float]]:
    """Return the rates of the product and of the bare loop on the same topics, in turn."""
    rates: dict[str, list[float]] = defaultdict(list)
    with open_servers(folder / "servers", print) as servers:
        records = await fill(servers.bootstrap, _EVENTS, 0.001, ordered=True)
        for _round in range(_ROUNDS):
            for candidate in (BARE_LOOP, PRODUCT):
                async with empty_database(servers.url) as url:
                    measured = await Trial(servers, url, records, folder, _EVENTS).run(candidate, 1)
                rates[candidate.name].append(measured.rate)
    return rates


def test_the_product_is_at_least_half_as_fast_as_the_bare_loop(tmp_path: Path) -> None:
    """In one run on one machine: how fast that machine is does not matter."""
    rates = asyncio.run(_measure(tmp_path))
    assert max(rates[PRODUCT.name]) / max(rates[BARE_LOOP.name]) >= RATIO_MIN, dict(rates)
