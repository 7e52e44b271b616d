"""A file of events, one structured CloudEvent a line, as records on their way: nothing is parsed but where they go."""

from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from models.catalogue import KIND_BY_TYPE, KINDS
from models.decoding.modes import read_leniently
from models.limits import RECORD_BYTES_MAX
from upstream.publishing.outgoing import Outgoing

# One byte more than a record may have: enough to be refused as too large, whatever the line's real length.
_LINE_BYTES_MAX: Final = RECORD_BYTES_MAX + 1
# Where a line without a known type is judged: on any topic it is refused for its type, or for a fault before that.
_ANY_TOPIC: Final = KINDS[0].topic


class Line(NamedTuple):
    """A line by its number, counted from 1, and the record that it stands for."""

    number: int
    outgoing: Outgoing


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Yield the lines of a file, one in memory at a time; of a line too long for a record only the beginning."""
    number = 0
    while content := _read_line(file):
        number += 1
        yield Line(number, _address(content.removesuffix(b"\n").removesuffix(b"\r")))


def _read_line(file: BinaryIO) -> bytes:
    """Read a line with its end, passing over what exceeds a record; nothing at the end of the file."""
    # 2: the line's end, which is no part of the record.
    content = rest = file.readline(_LINE_BYTES_MAX + 2)
    while rest and not rest.endswith(b"\n"):
        rest = file.readline(_LINE_BYTES_MAX)
    return content


def _address(value: bytes) -> Outgoing:
    """Return the record of a line: its topic by `type`, its key by `subject`, its bytes as they are."""
    document = _parse(value)
    kind = KIND_BY_TYPE.get(_text(document, "type"))
    key = _text(document, "subject").encode(errors="replace")
    return Outgoing(kind.topic if kind else _ANY_TOPIC, key, value)


def _parse(value: bytes) -> dict[str, object]:
    """Return the JSON object of a line, or an empty one when it is none: the codec says why."""
    document = read_leniently(value, ())
    return document if isinstance(document, dict) else {}


def _text(document: dict[str, object], name: str) -> str:
    """Return an attribute that should be text, or no text."""
    value = document.get(name)
    return value if isinstance(value, str) else ""
