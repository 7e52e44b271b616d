"""Which of the announced pages a worker that takes over keeps."""

from aiokafka import ConsumerRecord

from models.catalogue import LOGINS
from streams.catch_up import Newest
from streams.topology import read_page
from tests.streams.pages import make_page


def _record(offset: int, key: bytes, value: bytes | None) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord("t", 0, offset, 0, 0, key, value, 0, len(key), len(value or b""), ())


def test_the_newest_version_wins_whatever_its_place() -> None:
    """A page that came late may be older than one before it."""
    newest = Newest()
    for offset, (partition, revision) in enumerate([(0, 9), (0, 10), (1, 1), (0, 2)]):
        page = make_page(LOGINS, partition, revision)
        newest.take(_record(offset, b"%d" % partition, page.model_dump_json().encode()))
    pages = [page for page in map(read_page, (record.value for record in newest.records)) if page]
    assert sorted((page.partition, page.revision) for page in pages) == [(0, 10), (1, 1)]


def test_what_shows_no_version_is_kept_for_its_reader() -> None:
    """It is no page, or one of another version of this software: whoever reads pages decides."""
    newest = Newest()
    newest.take(_record(0, b"a", b"{}"))
    newest.take(_record(1, b"a", b"[]"))
    newest.take(_record(2, b"a", None))
    assert [record.value for record in newest.records] == [b"{}", b"[]"]


def test_of_one_version_the_last_record_is_kept() -> None:
    """A page is announced again every few seconds: what counts is where that was done last."""
    newest = Newest()
    value = make_page(LOGINS, 0, 9).model_dump_json().encode()
    for offset in (1_000, 6_000):
        newest.take(_record(offset, b"0", value))
    assert newest.records == [(value, 6_000)]
