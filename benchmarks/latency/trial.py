"""One rate measured: servers, product, publisher and watcher started, followed, and taken apart."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.latency.child import Child, run_child
from benchmarks.latency.figures import Latency, Observed, Used
from benchmarks.latency.plan import Plan
from benchmarks.latency.publisher import Sent, publish_plan
from benchmarks.latency.shown import count_sent
from benchmarks.latency.usage import (
    read_machine_seconds,
    read_megabytes,
    read_processor_seconds,
    reckon_shares,
)
from benchmarks.latency.watcher import Reading, watch_totals
from benchmarks.measure.product import Programs, run_product
from benchmarks.stage.servers import Servers, open_servers
from onboarding.cli._progress import Report, show_progress

_CONSOLE: Final = Console(stderr=True, highlight=False)
# 1 s between two looks at the clock: for a person who waits.
_LOOK_SECONDS: Final = 1.0
# 10 min to make the events of a plan, to publish what is late, or to show what is recorded late: a machine too slow.
_SECONDS_MAX: Final = 600.0


class NotShownError(Exception):
    """The totals are not those that were sent; the message says which they are."""


@dataclass(frozen=True)
class Trial:
    """A plan, how many consumers there are, how often the totals are read, and a folder for logs."""

    plan: Plan
    processes: int
    pause_seconds: float
    folder: Path

    def run(self) -> Latency:
        """Measure on servers of its own. Raises NotShownError or ChildError."""
        with open_servers(self.folder / "servers", _CONSOLE.print) as servers:
            observed = self._observe(servers)
        return observed.summarise(self.plan, self.processes)

    def _observe(self, servers: Servers) -> Observed:
        """Start everything, let the publisher follow its plan, and return what was seen."""
        with (
            run_child("publisher", publish_plan, servers.bootstrap, self.plan) as publisher,
            run_product(servers, self.processes, self.folder) as product,
            run_child("watcher", watch_totals, product.page, self.pause_seconds) as watcher,
        ):
            publisher.hear(_SECONDS_MAX)
            watcher.hear()
            publisher.tell("begin")
            began_at = publisher.hear()
            used = self._follow(began_at, {**product.programs, "publisher": [publisher.pid], "watcher": [watcher.pid]})
            sent = publisher.hear(_SECONDS_MAX, lambda: self._say("the publisher is late"))
            readings = self._await_shown(watcher, sent)
            return Observed(sent, readings, began_at + self.plan.warm_up_seconds, used)

    def _follow(self, began_at: float, programs: Programs) -> Used:
        """Show how far the plan is; return what was used while it was measured."""
        with show_progress(f"{self.plan.rate:,}/s: due", self.plan.all_events, _CONSOLE, time.monotonic) as report:
            self._wait(began_at, self.plan.warm_up_seconds, report)
            before, machine_before, first = read_processor_seconds(programs), read_machine_seconds(), time.monotonic()
            self._wait(began_at, self.plan.warm_up_seconds + self.plan.seconds, report)
            after, machine_after, last = read_processor_seconds(programs), read_machine_seconds(), time.monotonic()
        return Used(
            reckon_shares(before, after, last - first),
            reckon_shares(machine_before, machine_after, last - first),
            read_megabytes(programs),
        )

    def _wait(self, began_at: float, until: float, report: Report) -> None:
        """Wait until so many seconds after the beginning, and report how many events are due."""
        while (passed := time.monotonic() - began_at) < until:
            report(int(self.plan.rate * max(0.0, passed)))
            time.sleep(min(until - passed, _LOOK_SECONDS))

    def _await_shown(self, watcher: Child, sent: Sent) -> list[Reading]:
        """Wait until all that was sent is shown. Raises NotShownError when something else is."""
        wanted = count_sent(sent)
        watcher.tell(wanted)
        readings: list[Reading] = watcher.hear(_SECONDS_MAX, lambda: self._say("waiting until all is shown"))
        if readings[-1].totals != wanted:
            raise NotShownError(f"{wanted} were sent, {readings[-1].totals or 'no totals'} are shown and do not change")
        return readings

    def _say(self, what: str) -> None:
        """Tell a person what is waited for."""
        _CONSOLE.print(f"{self.plan.rate:,}/s: {what}")
