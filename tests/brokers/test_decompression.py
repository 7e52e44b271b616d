"""Packed bytes: whatever they are, they unpack within the limit or say in one sort of error why not."""

import gzip
import struct
from unittest.mock import Mock

import pytest
from aiokafka.errors import CorruptRecordException
from hypothesis import given
from hypothesis import strategies as st

from brokers.decompression import CODECS, PackedWrongError, TooLargeError, unpack
from tests.brokers.raw_batches import pack_as, xerial

ROOM_BYTES = 10_000
TEXT = b"a record " * 500


@pytest.mark.parametrize("codec", CODECS)
def test_what_a_producer_packs_is_unpacked(codec: str) -> None:
    """Up to the last byte that there is room for; nothing of what was unpacked before is in it."""
    room = bytearray(b"x" * ROOM_BYTES)
    for text in (TEXT, b"b" * ROOM_BYTES, b"c"):
        assert unpack(codec, room, pack_as(codec, text)) == text


@pytest.mark.parametrize("versions", [struct.pack(">ii", 1, 1), struct.pack("<ii", 1, 1), struct.pack(">ii", 2, 1)])
def test_the_versions_of_snappy_java_are_not_looked_at(versions: bytes) -> None:
    """As Java's clients and librdkafka do it: some write them in the other byte order."""
    assert unpack("snappy", bytearray(ROOM_BYTES), xerial(TEXT, b"", b"end", versions=versions)) == TEXT + b"end"


@pytest.mark.parametrize("behind", [b"", bytes(8), bytes(1), b"xyz", b"\x1f", b"\x1f\x8b", b"\x1f\x8b\x08", bytes(40)])
@pytest.mark.parametrize("members", [[TEXT], [TEXT, b"end"], [b"", TEXT, b""]], ids=["one", "two", "three"])
def test_what_stands_behind_gzip_and_begins_no_member_is_not_looked_at(members: list[bytes], behind: bytes) -> None:
    """As Java's clients do it; each member is."""
    packed = b"".join(map(gzip.compress, members)) + behind
    assert unpack("gzip", bytearray(ROOM_BYTES), packed) == b"".join(members)


@pytest.mark.parametrize("members", [[TEXT], [TEXT, TEXT]], ids=["the first", "the second"])
def test_a_member_of_gzip_that_is_cut_off_or_wrong_is_packed_wrong(members: list[bytes]) -> None:
    """No half of it is read."""
    packed = b"".join(map(gzip.compress, members))
    for spoilt in (packed[:-5], packed[:-8] + bytes(8), packed[:-30] + bytes(22)):
        with pytest.raises(PackedWrongError):
            unpack("gzip", bytearray(ROOM_BYTES), spoilt)


def test_members_of_gzip_that_are_too_large_together_are_too_large() -> None:
    """Each of them would fit, also with something behind."""
    with pytest.raises(TooLargeError):
        unpack("gzip", bytearray(ROOM_BYTES), gzip.compress(TEXT) * 3 + b"xyz")


@pytest.mark.parametrize("behind", [b"x", b"xy", b"xyz"])
def test_less_than_a_length_behind_the_blocks_of_snappy_is_not_looked_at(behind: bytes) -> None:
    """As Java's clients do it."""
    assert unpack("snappy", bytearray(ROOM_BYTES), xerial(TEXT, b"end") + behind) == TEXT + b"end"


@pytest.mark.parametrize("codec", CODECS)
def test_one_byte_too_many_is_too_large(codec: str) -> None:
    """It is said as what it is."""
    with pytest.raises(TooLargeError, match="bytes unpack to more than 10,000"):
        unpack(codec, bytearray(ROOM_BYTES), pack_as(codec, bytes(ROOM_BYTES + 1)))


def test_blocks_of_snappy_that_are_too_large_together_are_too_large() -> None:
    """Each of them would fit."""
    with pytest.raises(TooLargeError):
        unpack("snappy", bytearray(ROOM_BYTES), xerial(TEXT, TEXT, TEXT))


@pytest.mark.parametrize("length", [-1, -(2**31), 2**31 - 1, 100])
def test_a_block_of_snappy_with_a_wrong_length_is_packed_wrong(length: int) -> None:
    """Neither does the loop go backwards, nor is memory taken for what is only claimed."""
    with pytest.raises(PackedWrongError):
        unpack("snappy", bytearray(ROOM_BYTES), xerial() + struct.pack(">i", length) + b"block")


def test_what_a_codec_says_is_told() -> None:
    """With the codec's name once."""
    with pytest.raises(PackedWrongError, match=r"^.*lz4: truncated frame$"):
        unpack("lz4", bytearray(ROOM_BYTES), pack_as("lz4", TEXT)[:-5])


class Panic(BaseException):
    """What a library in Rust raises when it finds a fault of its own: no Exception."""


RAISED = [Panic("index out of range"), ValueError(), struct.error("4 bytes"), RecursionError()]


@pytest.mark.parametrize("raised", RAISED)
def test_whatever_a_library_raises_is_a_verdict(raised: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next version of a codec's library may raise what this one does not."""
    monkeypatch.setitem(CODECS, "lz4", Mock(side_effect=raised))
    with pytest.raises(PackedWrongError):
        unpack("lz4", bytearray(ROOM_BYTES), b"packed")


@pytest.mark.parametrize("raised", [MemoryError(), KeyboardInterrupt(), SystemExit()])
def test_what_says_nothing_of_the_bytes_is_no_verdict(raised: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """No memory is this machine's fault, and the process must end."""
    monkeypatch.setitem(CODECS, "lz4", Mock(side_effect=raised))
    with pytest.raises(type(raised)):
        unpack("lz4", bytearray(ROOM_BYTES), b"packed")


@given(payload=st.binary(max_size=200), codec=st.sampled_from([*CODECS]))
def test_any_bytes_unpack_or_are_refused(payload: bytes, codec: str) -> None:
    """Nothing but the one sort of error, whatever the library raises."""
    _unpack_or_refuse(codec, payload)


@given(text=st.binary(max_size=200), codec=st.sampled_from((*CODECS, "xerial")), data=st.data())
def test_packed_bytes_that_are_spoilt_unpack_or_are_refused(text: bytes, codec: str, data: st.DataObject) -> None:
    """A few bytes are changed, or the end is missing: this goes deeper into a codec than any bytes do."""
    packed = bytearray(xerial(text, text) if codec == "xerial" else pack_as(codec, text))
    for place in data.draw(st.lists(st.integers(0, max(0, len(packed) - 1)), max_size=4)):
        packed[place : place + 1] = data.draw(st.binary(max_size=2))
    _unpack_or_refuse("snappy" if codec == "xerial" else codec, bytes(packed))


def _unpack_or_refuse(codec: str, payload: bytes) -> None:
    """Unpack bytes; fail for any error but the one sort."""
    try:
        unpack(codec, bytearray(ROOM_BYTES), payload)
    except CorruptRecordException as error:
        assert isinstance(error, TooLargeError | PackedWrongError)  # noqa: PT017 - either outcome is right
