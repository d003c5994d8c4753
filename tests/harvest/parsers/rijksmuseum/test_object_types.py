"""What is a painting at the Rijksmuseum, and what else it has: words in English, and rows of a real export."""

import csv
from pathlib import Path

import pytest

from harvest.parsers.rijksmuseum.object_types import object_type


@pytest.mark.parametrize(
    ("types", "is_member", "expected"),
    [
        (["Schilderij"], False, "painting"),
        (["drawing", "painting"], False, "painting"),
        (["miniatuur (schildering)"], False, "painting"),
        (["pastel", "tekening"], True, "painting"),
        (["pastel", "tekening"], False, "pastel"),
        (["miniature"], True, "painting"),
        (["miniatuur"], True, "painting"),
        (["miniatuur"], False, "miniature"),
        (["miniature"], False, "miniature"),
        ([], True, "painting"),
        ([], False, "object"),
        (["tekening (kunst)"], True, "drawing"),
        (["prent", "tekening"], True, "print"),
        (["fotomechanische afdruk"], True, "photomechanical print"),
        (["stereofoto"], False, "stereograph"),
        (["aquarel"], True, "painting"),
        (["kast"], False, "kast"),
        (["x" * 50], False, "x" * 40),
    ],
)
def test_a_member_of_the_set_is_a_painting_unless_each_type_names_another_technique(
    types: list[str], expected: str, *, is_member: bool
) -> None:
    assert object_type(types, next(iter(types), None), is_member=is_member) == expected


def test_each_row_of_the_museums_export_is_a_painting_where_it_says_so(shared: Path) -> None:
    table = (shared / "samples" / "rijksmuseum" / "dates_and_types.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) == 65
    for row in rows:
        types, is_member = row["types"].split("$"), row["in_set_of_paintings"] == "yes"
        found = object_type(types, types[0], is_member=is_member)
        assert (found == "painting") is is_member, row
