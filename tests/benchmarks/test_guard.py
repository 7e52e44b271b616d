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
# As often as three times until it holds: what else the machine does makes a run slower and never faster, so the best of
# each counts.
_ROUNDS: Final = 3


class Guard:
    """Measures the product and the bare loop on the same topics, in turn."""

    def __init__(self) -> None:
        self.rates: dict[str, list[float]] = defaultdict(list)

    @property
    def ratio(self) -> float:
        """The best rate of the product, as a part of the bare loop's best."""
        return max(self.rates[PRODUCT.name]) / max(self.rates[BARE_LOOP.name])

    async def measure(self, folder: Path) -> None:
        """Measure both until the product is fast enough, a few times at most."""
        with open_servers(folder / "servers", print) as servers:
            records = await fill(servers.bootstrap, _EVENTS, 0.001, ordered=True)
            for _round in range(_ROUNDS):
                for candidate in (BARE_LOOP, PRODUCT):
                    async with empty_database(servers.url) as url:
                        measured = await Trial(servers, url, records, folder, _EVENTS).run(candidate, 1)
                    self.rates[candidate.name].append(measured.rate)
                if self.ratio >= RATIO_MIN:
                    return


def test_the_product_is_at_least_half_as_fast_as_the_bare_loop(tmp_path: Path) -> None:
    """In one run on one machine: how fast that machine is does not matter."""
    guard = Guard()
    asyncio.run(guard.measure(tmp_path))
    assert guard.ratio >= RATIO_MIN, dict(guard.rates)
