"""What the processes write to their logs: every message, but none of them a thousand times a second."""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from models.visible import visible

# 10 s: a person who reads along sees that it still holds, and one line a message is no flood.
_PAUSE_SECONDS: Final = 10.0
# 1,000 different messages within one pause are more than the processes have; then counting begins anew.
_MESSAGES_MAX: Final = 1_000


def set_up_logs() -> None:
    """Write to standard error what is worth a line."""
    handler = logging.StreamHandler()
    handler.addFilter(Repetitions())
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Their every rebalance and commit at INFO would bury what an operator looks for.
    for name in ("aiokafka", "faust", "mode", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def leave_kafka_to_the_screen() -> None:
    """Let the client of Kafka write nothing: the command says itself that Kafka is away, where the person looks."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


class OneLine(logging.Formatter):
    """Writes a message on one line, and a traceback below it, with a sign for what a terminal would obey."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging names it
        """Write the message."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - logging names it
        """Write the traceback."""
        return "\n".join(map(visible, super().formatException(ei).split("\n")))


class Repetitions(logging.Filter):
    """Lets the same message pass once in ten seconds, and then says how often it was left out.

    A client of Kafka asks again at once after some errors, and writes a line each time: 700 a second were seen.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._shown: dict[tuple[str, str], tuple[float, int]] = {}  # when it passed, and how often it did not since

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a message passes."""
        now, message = self._clock(), (record.name, record.getMessage())
        shown_at, left_out = self._shown.get(message, (now - _PAUSE_SECONDS, 0))
        if now - shown_at < _PAUSE_SECONDS:
            self._shown[message] = (shown_at, left_out + 1)
            return False
        if len(self._shown) >= _MESSAGES_MAX:
            self._shown.clear()
        self._shown[message] = (now, 0)
        if left_out:
            record.msg, record.args = f"{message[1]} (and {left_out} times since it was last written)", ()
        return True
