"""What errors say is for people: nothing of a process's memory."""

import io
from pathlib import Path

import pytest
from PIL import Image, UnidentifiedImageError

from harvest.errors import BadAnswer, HarvestError, HungUp
from harvest.http.transport import exchange, open_session
from tests.harvest.conftest import harvest
from tests.museum.misbehaviour import Misbehaviour
from tests.museum.server import Museum


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("<urllib3.connection.HTTPSConnection object at 0x7f3a>: Failed to connect", "Failed to connect"),
        ("x: (<a.B object at 0x7F3A>: no)", "x: (no)"),
        ("cannot identify image file <_io.BytesIO object at 0x7f3a>", "cannot identify image file"),
        ("<function f at 0x7f3a> failed", " failed"),
        ("expected <html>, got <p>; 0x10 is no address", "expected <html>, got <p>; 0x10 is no address"),
        ("We will b' and 'x", "We will b' and 'x"),
    ],
)
def test_addresses_in_memory_are_taken_out(message: str, expected: str) -> None:
    assert str(HarvestError(message)) == expected


def test_what_the_libraries_really_say_is_taken_out() -> None:
    with pytest.raises(UnidentifiedImageError) as unknown:
        Image.open(io.BytesIO(b"no image"))
    assert " at 0x" in str(unknown.value)
    assert str(BadAnswer(str(unknown.value))) == "cannot identify image file"
    with open_session("raisonne-test", is_public=False) as session, pytest.raises(HungUp) as refused:
        exchange(session, "http://127.0.0.1:9/", {}, asked_at=0.0)
    assert "0x" not in str(refused.value)


def test_what_is_stored_and_listed_holds_neither(museum: Museum, tmp_path: Path) -> None:
    headers = {"Content-Type": "image/jpeg"}
    museum.misbehave(Misbehaviour(r"\.jpg", times=None, body=b"\x89 no image", headers=headers))
    assert harvest("wikiart", "--mirror", museum.url, "--data", tmp_path).exit_code == 3
    told = harvest("errors", "--data", tmp_path).stdout
    kept = harvest("sql", "SELECT message FROM tasks WHERE state = 'failed'", "--data", tmp_path).stdout
    for text in (told, kept):
        assert "expected an image, got image/jpeg, 10 bytes (" in text
        assert " at 0x" not in text
        assert "\\x89" not in text
