import re
from pathlib import Path
from typing import Any

import pytest

from harvest.engine import parse
from harvest.engine.parse import check, sound
from harvest.errors import Unparsed
from harvest.records import Artist, Attribution, Damage, Dating, Deleted, Image, ObjectRecord, Supplement, Term
from harvest.request import Request
from harvest.response import Response
from harvest.source import Parsed
from tests.harvest.scripted import asks, scripted_museum, tells


def an_object(*terms: Term, **more: object) -> ObjectRecord:
    return ObjectRecord("1", "https://museum.example/1", terms=terms, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shared", "reason"),
    [
        ({"terms": (Term("f" * 41, "a"),)}, "field has 41 characters, more than 40"),
        ({"terms": (Term("genre", "half \ud800"),)}, "text holds a half character"),
        ({"dating": Dating("1642", 2**31)}, "earliest is a number out of range"),
        ({"attributions": (Attribution(Artist("", "Nobody")),)}, "source_id is empty"),
    ],
)
def test_what_many_objects_share_is_refused_in_each_of_them(shared: dict[str, object], reason: str) -> None:
    for where in ("the first", "the second"):
        with pytest.raises(Unparsed, match=f"{where}: {reason}"):
            check([ObjectRecord("1", "https://museum.example/1", **shared)], where)  # type: ignore[arg-type]


def test_what_many_objects_share_counts_in_each_of_them() -> None:
    term = Term("description", "a" * 600_000)
    check([an_object(term)], "one")
    with pytest.raises(Unparsed, match=r"two: one ObjectRecord has 1200\d+ characters"):
        check([an_object(term, term)], "two")


@pytest.mark.parametrize(
    "item",
    [
        an_object(images=(Image("https://user:secret@x.org/a.jpg"),)),
        an_object(images=(Image("https://x.org/a.jpg", ("https://user:secret@x.org/a.jpg",)),)),
        Request("page", "https://user:secret@x.org/a.jpg"),
        Request("page", "https://x.org/", fallback=Request("page", "//user:secret@x.org/a.jpg")),
    ],
)
def test_a_password_in_an_address_is_neither_kept_nor_told(item: Parsed) -> None:
    expected = r"x: expected an address without user name and password, got '.*//…@x\.org/a\.jpg'"
    with pytest.raises(Unparsed, match=expected):
        check([item], "x")
    kept = sound([item, an_object()], LISTING)
    assert kept[1:] == [an_object()]
    assert "secret" not in str(kept)


def test_no_more_is_remembered_than_is_of_use() -> None:
    for number in range(parse._REMEMBERED + 100):
        check([an_object(Term("tag", str(number)))], "a row")
        assert len(parse._SOUND) <= parse._REMEMBERED


LISTING = Response(Request("list", "https://museum.example/list"), "https://museum.example/list", 200, {}, b"")
NEXT = Request("list", "https://museum.example/list?token=2")


@pytest.mark.parametrize(
    ("unsound", "reason"),
    [
        (an_object(title="half \ud800"), "title holds a half character.*, in ObjectRecord '1'$"),
        (ObjectRecord("k" * 401, "https://x"), "source_id has 401 characters, more than 400: .*, in ObjectRecord 'kk"),
        (an_object(title="x" * 1_000_001), "one ObjectRecord has 10000.. characters.*, in ObjectRecord '1'$"),
        (an_object(dating=Dating("1642", 2**31)), "earliest is a number out of range, in ObjectRecord '1'$"),
        (Supplement("1", fields={"n": float("nan")}), "fields is a number out of range, in Supplement '1'$"),
        (Request("page", "https://x/" + "y" * 600), "identity has 610 characters.*, in Request 'https://x/yy"),
        (Deleted("\ud800"), r"source_id holds a half character.*, in Deleted '\\ud800'$"),
    ],
)
def test_a_record_that_no_catalogue_could_hold_is_damage_and_the_rest_is_kept(unsound: Parsed, reason: str) -> None:
    before, after = an_object(), ObjectRecord("3", "https://museum.example/3")
    kept = sound([before, unsound, after, NEXT], LISTING)
    assert [kept[0], *kept[2:]] == [before, after, NEXT]
    assert isinstance(kept[1], Damage)
    assert re.search(f"^{LISTING.url}: {reason}", kept[1].reason)
    kept[1].reason.encode()


@pytest.mark.parametrize(
    "items",
    [
        [an_object(title="\ud800")],
        [an_object(title="\ud800"), Deleted("\ud800")],
        [an_object(), Request("list", "https://museum.example/list?token=" + "x" * 600)],
    ],
)
def test_an_answer_of_which_nothing_can_be_kept_or_that_leads_nowhere_is_unread(items: list[Parsed]) -> None:
    with pytest.raises(Unparsed, match=f"^{LISTING.url}: "):
        sound(items, LISTING)


def test_a_page_with_an_unsound_record_is_entered_and_its_list_goes_on(
    tmp_path: Path, empty_catalogue_url: str
) -> None:
    answers: dict[str, Any] = {
        "/list": [tells("a"), tells("half", title="\ud800"), tells("b" * 401), asks("/second", "list"), tells("c")],
        "/second": [tells("d")],
    }
    with scripted_museum(tmp_path / "box", empty_catalogue_url, answers) as box:
        outcome = box.harvest()
        assert (outcome.finish_reason, outcome.counts["failed"]) == ("complete", 1)
        assert box.ask("SELECT source_id FROM objects ORDER BY source_id") == [("a",), ("c",), ("d",)]
        ((error, message),) = box.ask("SELECT error, message FROM tasks WHERE state = 'failed'")
        assert error == "Damaged"
        assert message.endswith("in ObjectRecord 'half'; and 1 more such")
        answers["/list"] = [tells("a"), tells("half", title="whole again"), asks("/second", "list"), tells("c")]
        assert box.harvest().counts["failed"] == 0
        assert box.ask("SELECT title FROM objects WHERE source_id = 'half'") == [("whole again",)]
