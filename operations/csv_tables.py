"""Tables that a person gives as a CSV file: read row by row, and whatever a file holds is named by its line."""

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO


def read_rows(
    file: TextIO, header: Sequence[str], fault: Callable[[str], Exception]
) -> Iterator[tuple[int, list[str]]]:
    """Yield each row under a header with the number of its line; every row has as many values as the header.

    Raises what `fault` makes of the words that say what is wrong: no such header, another number of values, no CSV.
    """
    rows = csv.reader(file)
    try:
        if tuple(next(rows, ())) != tuple(header):
            raise fault(f"line 1: the header must be {','.join(header)}")
        for row in rows:
            if len(row) != len(header):
                raise fault(f"line {rows.line_num}: {len(row)} values instead of {len(header)}")
            yield rows.line_num, row
    except csv.Error as error:
        raise fault(f"line {rows.line_num}: {error}") from None
