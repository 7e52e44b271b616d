"""What is said of a fault: its class and the server's own words, on one line that a terminal can print."""

import pytest

from consumers.outages import describe


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "TimeoutError"),
        (ConnectionError("refused\nDETAIL: more"), "ConnectionError: refused"),
        (OSError("a \x1b[31mred word"), "OSError: a \N{REPLACEMENT CHARACTER}[31mred word"),
    ],
)
def test_the_first_line_of_an_error_is_said(error: Exception, said: str) -> None:
    """Details may be of a citizen, and control characters are nobody's."""
    assert describe(error) == said
