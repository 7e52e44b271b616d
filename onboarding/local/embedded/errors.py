"""What a person is told when an embedded server cannot be had."""

import re
from pathlib import Path
from typing import Final

# 20 lines: a Java stack trace's cause and a PostgreSQL refusal both fit, and a terminal still shows the first.
LOG_TAIL_LINES_MAX = 20
# PostgreSQL says in three lines that it cannot listen; the first of them says why.
_REASONS_MAX: Final = 3
# What PostgreSQL, its tools and a Java program write before the reason why they end.
_REASON: Final = re.compile(r"PANIC|FATAL|ERROR|error:|Caused by|Exception|cannot|could not")


class EmbeddedServerError(Exception):
    """An embedded server cannot run; the message says what, where and what to do."""


def read_log_tail(log_path: Path) -> str:
    """Return the last lines of a server's log, because they hold its own reason for ending."""
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LOG_TAIL_LINES_MAX:]) or "(the log is empty)"


def read_reason(log_path: Path) -> str:
    """Return on one line those of a server's last ones that say why it ended, three at most; else the last of all."""
    lines = list(dict.fromkeys(line.strip() for line in read_log_tail(log_path).splitlines() if line.strip()))
    return "; ".join(list(filter(_REASON.search, lines))[-_REASONS_MAX:] or lines[-1:])
