import pytest

from harvest.engine import parse
from harvest.engine.parse import check
from harvest.errors import Unparsed
from harvest.records import Artist, Attribution, Dating, ObjectRecord, Term


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


def test_no_more_is_remembered_than_is_of_use() -> None:
    for number in range(parse._REMEMBERED + 100):
        check([an_object(Term("tag", str(number)))], "a row")
        assert len(parse._SOUND) <= parse._REMEMBERED
