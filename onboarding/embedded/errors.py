"""What a person is told when an embedded server cannot be had."""

from pathlib import Path

# 20 lines: a Java stack trace's cause and a PostgreSQL refusal both fit, and a terminal still shows the first.
LOG_TAIL_LINES_MAX = 20


class EmbeddedServerError(Exception):
    """An embedded server cannot run; the message says what, where and what to do."""


def read_log_tail(log_path: Path) -> str:
    """Return the last lines of a server's log, because they hold its own reason for ending."""
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES_MAX:]) or "(the log is empty)"
