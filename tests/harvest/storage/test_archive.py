from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from warcio.archiveiterator import ArchiveIterator

from harvest.request import Request
from harvest.response import Response
from harvest.storage.archive import Archive, ArchiveError, Pointer, read_answer

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def answer(body: bytes, **headers: str) -> Response:
    named = {"content-type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(Request("page", "https://example.org/é"), "https://example.org/%C3%A9", 200, named, body)


def bodies(file: Path) -> list[bytes]:
    with file.open("rb") as stream:
        return [record.content_stream().read() for record in ArchiveIterator(stream)]


def test_an_answer_is_read_back_as_it_came(tmp_path: Path) -> None:
    kept = Archive(tmp_path, "test", None)
    pointers = [kept.append(answer(body, etag='"7"'), NOON) for body in (b"one", b"", b"\x00\xff" * 5000)]
    kept.close()
    for pointer, body in zip(pointers, (b"one", b"", b"\x00\xff" * 5000), strict=True):
        headers, read = read_answer(tmp_path, pointer)
        assert read == body
        assert headers["etag"] == '"7"'
        assert headers["content-length"] == str(len(body))


def test_the_encoding_it_came_in_is_kept_under_another_name(tmp_path: Path) -> None:
    kept = Archive(tmp_path, "test", None)
    pointer = kept.append(answer(b"text", content_encoding="gzip", transfer_encoding="chunked"), NOON)
    kept.close()
    headers, body = read_answer(tmp_path, pointer)
    assert body == b"text"
    assert "content-encoding" not in headers
    assert "transfer-encoding" not in headers
    assert headers["x-archive-orig-content-encoding"] == "gzip"


@pytest.mark.parametrize("value", ["é", "a; b=é", '"é;"', "\x80;=<\x85", "a; x=€", "\ud800; y"])
def test_letters_beyond_ascii_in_headers_are_percent_encoded(tmp_path: Path, value: str) -> None:
    kept = Archive(tmp_path, "test", None)
    pointer = kept.append(answer(b"text", title=value, é="x"), NOON)
    kept.close()
    headers, body = read_answer(tmp_path, pointer)
    assert body == b"text"
    assert unquote(headers["title"]) == value.replace("\ud800", "?")
    assert headers["%c3%a9"] == "x"


@pytest.mark.parametrize("torn", [b"", b"\x1f\x8b\x08\x00 half a record", b"x" * 4000])
def test_what_was_never_committed_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    first = Archive(tmp_path, "test", None)
    committed = first.append(answer(b"one"), NOON)
    first.close()
    with (tmp_path / committed.file).open("ab") as file:
        file.write(torn)
    second = Archive(tmp_path, "test", committed)
    second.append(answer(b"two"), NOON)
    second.close()
    assert bodies(tmp_path / committed.file) == [b"one", b"two"]
    kept = [path.read_bytes() for path in (tmp_path / "lost+found").rglob("*") if path.is_file()]
    assert kept == [torn] * bool(torn)  # and yet nothing is lost


def test_a_first_file_that_nothing_was_committed_of_begins_anew(tmp_path: Path) -> None:
    first = Archive(tmp_path, "test", None)
    lost = first.append(answer(b"lost"), NOON)
    first.close()
    second = Archive(tmp_path, "test", None)
    second.append(answer(b"kept"), NOON)
    second.close()
    assert bodies(tmp_path / lost.file) == [b"kept"]
    assert bodies(tmp_path / "lost+found" / lost.file) == [b"lost"]


def test_a_full_file_is_followed_by_the_next(tmp_path: Path) -> None:
    kept = Archive(tmp_path, "test", None, max_file=10)
    pointers = [kept.append(answer(body), NOON) for body in (b"one", b"two")]
    kept.close()
    assert [Path(pointer.file).name for pointer in pointers] == ["test-00001.warc.gz", "test-00002.warc.gz"]
    again = Archive(tmp_path, "test", pointers[-1], max_file=10)
    assert again.append(answer(b"three"), NOON).file.endswith("test-00003.warc.gz")
    again.close()


def test_a_file_shorter_than_the_catalogue_says_is_never_written_to(tmp_path: Path) -> None:
    elsewhere = Pointer("archive/test/test-00004.warc.gz", 1000, 500, "0" * 64)
    kept = Archive(tmp_path, "test", elsewhere)
    assert kept.append(answer(b"one"), NOON).file.endswith("test-00005.warc.gz")
    kept.close()


def test_a_changed_archive_is_noticed(tmp_path: Path) -> None:
    kept = Archive(tmp_path, "test", None)
    one, two = kept.append(answer(b"one"), NOON), kept.append(answer(b"two"), NOON)
    kept.close()
    swapped = Pointer(one.file, two.offset, two.length, one.digest)
    with pytest.raises(ArchiveError, match="not the one that was archived"):
        read_answer(tmp_path, swapped)
    with pytest.raises(ArchiveError, match="no readable answer"):
        read_answer(tmp_path, Pointer(one.file, one.offset + 3, one.length, one.digest))
    with pytest.raises(ArchiveError, match="no readable answer"):
        read_answer(tmp_path, Pointer("archive/test/nothing.warc.gz", 0, 10, one.digest))
