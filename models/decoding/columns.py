"""Facts of one kind by columns: what has a fixed width as arrays, the rest as lists. A position gives a whole row."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cache
from itertools import chain
from typing import Any, Final, Self, overload
from uuid import UUID

import numpy as np

from models.calendar import EPOCH, OFFSET, moment_of
from models.catalogue import Kind
from models.decoding.forms import Bytes, Numbers
from models.decoding.row import Row

MICROSECOND: Final = timedelta(microseconds=1)
_OFFSET_MICROSECONDS: Final = OFFSET // MICROSECOND
_DAY_MICROSECONDS: Final = timedelta(days=1) // MICROSECOND


@dataclass(frozen=True, eq=False)
class Facts(Sequence[Row]):
    """Facts of one kind, in the order of their records.

    keys, event_ids -- 16 bytes of each UUID
    subjects -- 32 bytes of each pseudonym
    moments -- when each happened: microseconds since 1970, UTC
    texts -- source, dimensions and details, each as a list; provinces are named by the place of the day
    partitions, offsets -- where each record stands
    appended -- when brokers appended it: milliseconds since 1970, UTC
    """

    kind: Kind
    keys: Bytes
    event_ids: Bytes
    subjects: Bytes
    moments: Numbers
    texts: Sequence[Sequence[Any]]
    partitions: Numbers
    offsets: Numbers
    appended: Numbers

    def __len__(self) -> int:
        return len(self.moments)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        """Return a fact as its table keeps it."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return (
            _uuid(self.keys[place]),
            _uuid(self.event_ids[place]),
            self.subjects[place].tobytes(),
            EPOCH + int(self.moments[place]) * MICROSECOND,
            *(column[place] for column in self.texts),
            int(self.partitions[place]),
            int(self.offsets[place]),
            moment_of(int(self.appended[place])),
        )

    @property
    def sources(self) -> Sequence[str]:
        """The upstream system that published each."""
        return self.texts[0]

    @property
    def days(self) -> Numbers:
        """The day in Vietnam on which each counts, in days since 1970."""
        return days_of(self.moments)

    def cut(self, at: slice) -> Self:
        """Return the facts of a part."""
        arrays = {name: getattr(self, name)[at] for name in _ARRAYS}
        return replace(self, texts=[column[at] for column in self.texts], **arrays)

    def take(self, places: Sequence[int] | Numbers) -> Self:
        """Return the facts at some places."""
        at = np.asarray(places, np.int64)
        listed = at.tolist()
        arrays = {name: getattr(self, name)[at] for name in _ARRAYS}
        return replace(self, texts=[[column[each] for each in listed] for column in self.texts], **arrays)

    def count_alike(self) -> Counter[tuple[Any, ...]]:
        """Return how many there are of each day in Vietnam, source and dimensions."""
        counted = self.texts[: 1 + len(self.kind.dimensions)]
        found = Counter(zip(self.days.tolist(), *counted, strict=True))
        return Counter({(date_of(day), *values): facts for (day, *values), facts in found.items()})

    @classmethod
    def of(cls, kind: Kind, rows: Iterable[Row]) -> Self:
        """Return rows as columns."""
        keys, event_ids, subjects, moments, *texts, partitions, offsets, appended = (
            zip(*rows, strict=True)
            if (rows := list(rows))
            else [()] * (8 + 1 + len(kind.dimensions) + len(kind.details))
        )
        return cls(
            kind,
            _bytes(UUID(text).bytes for text in keys),
            _bytes(UUID(text).bytes for text in event_ids),
            _bytes(subjects, width=32),
            np.array([(moment - EPOCH) // MICROSECOND for moment in moments], np.int64),
            [list(column) for column in texts],
            np.array(partitions, np.int64),
            np.array(offsets, np.int64),
            np.array([round(at.timestamp() * 1000) for at in appended], np.int64),
        )


_ARRAYS: Final = tuple(field.name for field in fields(Facts) if field.name not in {"kind", "texts"})


@cache
def none_of(kind: Kind) -> Facts:
    """Return no facts of a kind."""
    return Facts.of(kind, ())


def join(parts: Sequence[Facts]) -> Facts:
    """Return the facts of several parts of one kind, one part after the other."""
    first, *others = [part for part in parts if len(part)] or parts[:1]
    if not others:
        return first
    parts = [first, *others]
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
    texts = [list(chain.from_iterable(columns)) for columns in zip(*(part.texts for part in parts), strict=True)]
    return replace(first, texts=texts, **arrays)


def days_of(moments: Numbers) -> Numbers:
    """Return the days in Vietnam of moments, in days since 1970."""
    days: Numbers = (moments + _OFFSET_MICROSECONDS) // _DAY_MICROSECONDS
    return days


def date_of(day: int) -> date:
    """Return a day that is counted from 1970."""
    return date.fromordinal(day + EPOCH.toordinal())


def _uuid(raw: Bytes) -> str:
    """Write 16 bytes as a UUID in its hyphenated form."""
    digits = raw.tobytes().hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _bytes(texts: Iterable[bytes], width: int = 16) -> Bytes:
    return np.frombuffer(b"".join(texts), np.uint8).reshape(-1, width)
