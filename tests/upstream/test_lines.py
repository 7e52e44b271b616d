"""Files of lines: each with its number, its topic and its key, and its bytes untouched."""

import json
from io import BytesIO

import pytest

from models.catalogue import IDENTITY_RECORDS, KINDS, LOGINS
from models.limits import RECORD_BYTES_MAX
from tests.upstream.examples import LOGIN, RECORD, SUBJECT, spoil, to_file
from upstream.publishing.lines import Line, read_lines
from upstream.publishing.outgoing import Outgoing


def test_a_line_goes_to_the_topic_of_its_type_with_its_subject_as_key() -> None:
    """An upstream developer need not know topics to try a file."""
    lines = list(read_lines(to_file(RECORD, LOGIN)))
    assert [line.outgoing.topic for line in lines] == [IDENTITY_RECORDS.topic, LOGINS.topic]
    assert {line.outgoing.key for line in lines} == {SUBJECT.encode()}
    assert json.loads(lines[1].outgoing.value) == LOGIN


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_lines_are_counted_from_one_and_empty_ones_too(end: bytes) -> None:
    """The number is the one that an editor shows."""
    lines = list(read_lines(BytesIO(end.join([b"a", b"", b"c"]))))
    assert [(line.number, line.outgoing.value) for line in lines] == [(1, b"a"), (2, b""), (3, b"c")]


def test_an_empty_file_has_no_lines() -> None:
    """Nothing is published when there is nothing."""
    assert list(read_lines(BytesIO())) == []


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"type":["a"],"subject":{}}',
        b'{"type":null}',
        b'{"type":"unheard of","subject":"\\ud800"}',
    ],
)
def test_a_line_that_says_no_topic_goes_to_the_first(line: bytes) -> None:
    """The codec, which knows why, gets every line; nothing that is read makes the reader fail."""
    (only,) = read_lines(to_file(line))
    assert (only.outgoing.topic, only.outgoing.value) == (KINDS[0].topic, line)


@pytest.mark.parametrize("excess", [1, 2, 3, 4, 100, RECORD_BYTES_MAX, 3 * RECORD_BYTES_MAX])
def test_a_line_too_long_is_cut_and_the_next_one_whole(excess: int) -> None:
    """A file without line ends must not fill the memory, and must not shift the numbers."""
    first, second = read_lines(to_file(b"x" * (RECORD_BYTES_MAX + excess), b"next"))
    assert RECORD_BYTES_MAX < len(first.outgoing.value) <= RECORD_BYTES_MAX + 3
    assert second == Line(2, Outgoing(KINDS[0].topic, b"", b"next"))


def test_a_line_as_long_as_a_record_may_be_is_whole() -> None:
    """The limit itself is allowed."""
    longest = b"x" * RECORD_BYTES_MAX
    assert [line.outgoing.value for line in read_lines(to_file(longest, longest))] == [longest, longest]


def test_a_field_the_contract_does_not_know_is_carried_as_it_is() -> None:
    """Only the consumer decides what is kept."""
    (only,) = read_lines(to_file(spoil(RECORD, traceparent="00-1")))
    assert json.loads(only.outgoing.value)["traceparent"] == "00-1"
