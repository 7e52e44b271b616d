"""Compares one source partition's expectation with what Postgres holds, cell by cell; every difference is one line."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from tests.faults.book import Book
from tests.faults.expectation import Expectation, Fact, Refusal
from tests.faults.malformed import PERSONAL_NUMBER

# 5 lines of a sort and lane tell what is wrong; the rest is a number.
_LINES_MAX: Final = 5


@dataclass(frozen=True)
class Comparison:
    """One source partition: what is expected, and what Postgres holds of it."""

    expected: Expectation
    book: Book

    @property
    def lost(self) -> int:
        """How many facts and refused records are missing, in the ledger or in the counts."""
        missing = len(self.expected.facts.keys() - self.book.facts.keys())
        refused = len(self.expected.refusals.keys() - _offsets(self.book.refusals))
        return max(missing, len(self.expected.facts) - self._tallied) + refused

    @property
    def doubled(self) -> int:
        """How many facts and refused records are there once too often, in the ledger or in the counts."""
        surplus = len(self.book.facts.keys() - self.expected.facts.keys())
        refused = (_offsets(self.book.refusals) - Counter(self.expected.refusals.keys())).total()
        return max(surplus, self._tallied - len(self.expected.facts)) + refused

    @property
    def _tallied(self) -> int:
        return sum(count for cell, count in self.book.cells.items() if cell.dimension == "all")

    def list_discrepancies(self) -> Iterator[str]:
        """Yield every difference as one line that begins with the partition."""
        sorts = (self._facts(), self._cells(), self._duplicates(), self._refusals(), self._progress())
        for lines in map(_limit, sorts):
            yield from (f"{self.expected.lane}: {line}" for line in lines)

    def _facts(self) -> Iterator[str]:
        table, names = self.expected.kind.table, self._names
        for key, fact in self.expected.facts.items():
            row = self.book.facts.get(key)
            if row is None:
                yield f"the fact {key} at offset {fact.offset} is lost: it is not in {table}"
            elif row != fact:
                yield f"the fact {key} at offset {fact.offset} has another {_differing(names, row, fact)} in {table}"
        for key in self.book.facts.keys() - self.expected.facts.keys():
            yield f"{table} has a fact {key} that Kafka does not hold"

    @property
    def _names(self) -> tuple[str, ...]:
        kind = self.expected.kind
        return ("kafka_offset", "appended_at", "event_id", "subject", "occurred_at", *kind.counted, *kind.details)

    def _cells(self) -> Iterator[str]:
        cells = self.expected.cells
        for cell in sorted(cells.keys() | self.book.cells.keys()):
            expected, found = cells[cell], self.book.cells[cell]
            if expected != found:
                yield f"the tally of {cell.day} {cell.dimension} {cell.value} is {found}, not {expected}"

    def _duplicates(self) -> Iterator[str]:
        expected = self.expected.duplicates
        yield from _compare_places("duplicate", _offsets(self.book.duplicates), expected.keys())
        for row in self.book.duplicates:
            offset, kind = row["kafka_offset"], row["duplicate"]
            if expected.get(offset, kind) != kind:
                yield f"the duplicate at offset {offset} is a {expected[offset]}, not a {kind}"
            if row["whole"] != (kind == "conflict"):
                yield f"the {kind} at offset {offset} is kept with the wrong content"

    def _refusals(self) -> Iterator[str]:
        expected = self.expected.refusals
        yield from _compare_places("refused record", _offsets(self.book.refusals), expected.keys())
        for row in self.book.refusals:
            if row["kafka_offset"] in expected:
                yield from _compare_refusal(row, expected[row["kafka_offset"]])

    def _progress(self) -> Iterator[str]:
        row = self.book.progress
        if row is None:
            if self.expected.consumed:
                yield f"no progress is stored, but Kafka holds {self.expected.consumed} records"
            return
        kinds = Counter(self.expected.duplicates.values())
        outcomes = {
            "consumed": self.expected.consumed,
            "accepted": len(self.expected.facts),
            "retries": kinds["retry"],
            "repeats": kinds["repeat"],
            "conflicts": kinds["conflict"],
            "refused": len(self.expected.refusals),
            "newest_at": self.expected.newest_at,
        }
        for name, expected in outcomes.items():
            if row[name] != expected:
                yield f"progress has {name} {row[name]}, not {expected}"
        if row["consumed"] != sum(row[name] for name in ("accepted", "retries", "repeats", "conflicts", "refused")):
            yield "the outcomes in progress do not add up to consumed"


def compare_end(expected: Expectation, book: Book, end: int) -> Iterator[str]:
    """Yield a line when recording does not stand where the log ends for readers of committed records."""
    stored = book.progress["next_offset"] if book.progress else 0
    if stored != end:
        yield f"{expected.lane}: recording goes on at offset {stored}, but the log ends at {end}"


def _limit(lines: Iterable[str]) -> Iterator[str]:
    rest = iter(lines)
    yield from islice(rest, _LINES_MAX)
    more = sum(1 for _ in rest)
    if more:
        yield f"... and {more} more of that sort"


def _offsets(rows: Iterable[Any]) -> Counter[int]:
    return Counter(row["kafka_offset"] for row in rows)


def _differing(names: tuple[str, ...], row: Fact, fact: Fact) -> str:
    """Name the columns in which a row is not the fact; what stands in them is nobody's business."""
    pairs = zip(names, (*row[:3], *row.content), (*fact[:3], *fact.content), strict=True)
    return ", ".join(name for name, found, expected in pairs if found != expected)


def _compare_places(what: str, found: Counter[int], expected: Iterable[int]) -> Iterator[str]:
    """Compare where something is recorded with where it must be, each place once."""
    places = Counter(expected)
    yield from (f"the {what} at offset {offset} is lost" for offset in sorted(places - found))
    for offset, times in sorted((found - places).items()):
        yield f"the {what} at offset {offset} is recorded {times} times too often"


def _compare_refusal(row: Any, expected: Refusal) -> Iterator[str]:
    """Compare a refused record as it is kept with what Kafka holds."""
    offset = row["kafka_offset"]
    if row["reason"] != expected.reason:
        yield f"the record at offset {offset} is refused as {row['reason']}, not as {expected.reason}"
    if row["masked"] != (expected.reason == "personal_data_in_clear"):
        yield f"the refused record at offset {offset} has masked = {row['masked']}"
    if row["masked"] and PERSONAL_NUMBER.encode() in (row["value"] or b""):
        yield f"the refused record at offset {offset} is kept with a personal number in the clear"
    if not row["masked"] and (row["key"], row["value"]) != (expected.key, expected.value):
        yield f"the refused record at offset {offset} is not kept as it came"
