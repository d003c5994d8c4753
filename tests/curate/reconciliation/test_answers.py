"""What comes back from OpenRefine as aliases: each pair once, faults by row, and a build that reads them."""

import json
from pathlib import Path
from typing import Any

import pytest

from curate.cli import main
from curate.labels.artists import identify, read_aliases
from curate.reconciliation.answers import Answers
from harvest.catalogue.paintings import Maker
from tests.curate.conftest import Museum
from tests.curate.reconciliation.conftest import four_museums


class Desk:
    """A data folder, and tables that OpenRefine exported."""

    def __init__(self, data: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.data, self.capfd = data, capfd
        self.museum: Museum = four_museums(data)

    def run(self, *arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            main([*map(str, arguments), "--data", str(self.data)])
        out, err = self.capfd.readouterr()
        return int(stop.value.code or 0), out, err

    def table(self, *rows: str, name: str = "answers.csv", header: str = "spelling,id") -> Path:
        path = self.data / name
        path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
        return path

    def aliases(self, *rows: str, options: tuple[object, ...] = ()) -> tuple[int, dict[str, Any]]:
        code, out, _ = self.run(
            "aliases", self.table(*rows), "--name", "spelling", "--artist", "id", "--json", *options
        )
        return code, json.loads(out)


@pytest.fixture
def desk(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capfd)


def test_each_pair_is_told_once_and_only_where_a_build_would_not_merge(desk: Desk) -> None:
    code, said = desk.aliases(
        "Rembrant,met:1",
        "Rembrant,rijksmuseum:2",  # another key of the same artist
        "Rembrandt van Rijn,met:1",  # merged by name
        '"Goltzius, H.",Hendrick Goltzius',  # a label in place of an id
        "Nobody Known,",
        ",met:1",
    )
    assert code == 0
    assert said["aliases"] == {"Rembrant": "Rembrandt", "Goltzius, H.": "Hendrick Goltzius"}
    assert said["rows"] == {"new": 2, "repeated": 1, "known": 1, "unanswered": 2}
    assert (said["faults"], said["idle"]) == ([], [])
    assert (desk.data / "aliases.csv").read_text("utf-8") == (
        'alias,artist\n"Goltzius, H.",Hendrick Goltzius\nRembrant,Rembrandt\n'
    )


def test_what_cannot_be_taken_is_told_by_row_and_the_rest_is_written(desk: Desk) -> None:
    code, said = desk.aliases(
        "Rembrant,met:1",
        "V. van Gogh,wikiart:6",
        "Rembrant,wikiart:6",
        "Rembrandt v. R.,Q5598",
        "Jan Steen,wikiart:5",
        "Rembrant,met:1",
    )
    assert code == 3
    assert said["aliases"] == {"V. van Gogh": "Vincent van Gogh"}
    assert said["rows"] == {"new": 1, "contradictory": 3, "unknown": 1, "ambiguous": 1}
    assert said["idle"] == ["V. van Gogh"]
    assert said["faults"] == [
        "row 4: 'Rembrant' is 'Vincent van Gogh', but 'Rembrandt' in row 2",
        "row 5: 'Q5598' is the id or name of no artist in the catalogue",
        "row 6: 'Jan Steen' is another's name too (met:4): write the key of a maker in its place",
    ]


def test_a_name_of_several_artists_is_answered_by_a_key(desk: Desk) -> None:
    desk.museum.add("Jan Steen", source="stadtmuseum", image=None)  # who could be either of two is neither
    key = "stadtmuseum:10"
    code, said = desk.aliases("Jan Steen,wikiart:5")
    assert code == 3
    told = f"row 2: 'Jan Steen' is another's name too (met:4, {key}): write the key of a maker in its place"
    assert said["faults"] == [told]
    assert not (desk.data / "aliases.csv").exists()
    code, said = desk.aliases(f"{key},wikiart:5")
    assert (code, said["aliases"]) == (0, {key: "Jan Steen (1850–1900)"})


def test_a_table_of_aliases_is_added_to_and_a_second_time_changes_nothing(desk: Desk) -> None:
    own = b"artist,note,alias\r\nRembrandt,mine,Rembrant"
    target = desk.data / "own.csv"
    target.write_bytes(own)
    options = ("--to", target)
    rows = ("Rembrant,met:1", "V. van Gogh,wikiart:6")
    assert desk.aliases(*rows, options=options)[1]["rows"] == {"known": 1, "new": 1}
    written = target.read_bytes()
    assert written == own + b"\nVincent van Gogh,,V. van Gogh\n"
    code, said = desk.aliases(*rows, options=options)
    assert (code, said["aliases"], said["rows"]) == (0, {}, {"known": 2})
    assert target.read_bytes() == written
    code, said = desk.aliases("Rembrant,wikiart:6", options=options)
    assert (code, said["faults"]) == (3, ["row 2: 'Rembrant' is 'Vincent van Gogh', but 'Rembrandt' before"])
    assert target.read_bytes() == written


@pytest.mark.parametrize("places", [(0, 1, 2, 3), (1, 0, 3, 2), (0, 2, 1, 3)])
def test_no_row_is_lost_whatever_their_order(desk: Desk, places: tuple[int, ...]) -> None:
    rows = ("Rembrant,met:1", "Rembrant,wikiart:6", "Rembrant,met:1", "V. van Gogh,wikiart:6")
    _, said = desk.aliases(*(rows[place] for place in places))
    assert said["rows"] == {"new": 1, "contradictory": 3}
    assert said["aliases"] == {"V. van Gogh": "Vincent van Gogh"}


def test_a_build_reads_what_was_written(desk: Desk) -> None:
    desk.aliases("Rembrant,met:1", '"Goltzius, H.",rijksmuseum:3')
    target = desk.data / "aliases.csv"
    build = ("build", "--name", "b", "--no-images", "--require", "artist,genre", "--min-per-artist", "1")
    code, out, _ = desk.run(*build, "--aliases", target, "--json")
    assert code == 0, out
    assert not [note for note in json.loads(out)["notes"] if "aliases" in note]
    rows = (desk.data / "builds" / "b" / "artists.csv").read_text("utf-8").splitlines()
    assert sum(row.startswith('"Rembrandt",') for row in rows) == 4
    assert sum(row.startswith('"Hendrick Goltzius",') for row in rows) == 2
    assert sum(row.endswith('"alias"') for row in rows) == 2


def test_what_is_written_and_next_is_said(desk: Desk) -> None:
    table = desk.table("Rembrant,met:1", "X,met:99", "Y,")
    code, out, _ = desk.run("aliases", table, "--name", "spelling", "--artist", "id")
    target = desk.data / "aliases.csv"
    assert code == 3
    assert out.splitlines() == [
        "3 rows: 1 new alias",
        "  1 without a name or an answer",
        "  1 of an artist who is not there",
        "  row 3: 'X' is the id or name of no artist in the catalogue".replace("'X'", "'met:99'"),
        str(target),
        f"Next: curate build --aliases {target} --data {desk.data}",
    ]


def test_tabs_part_a_tsv_and_a_byte_order_mark_is_passed_over(desk: Desk) -> None:
    path = desk.data / "answers.tsv"
    path.write_text("spelling\tid\nRembrant\tmet:1\n", encoding="utf-8-sig")
    code, out, _ = desk.run("aliases", path, "--name", "spelling", "--artist", "id", "--json")
    assert (code, json.loads(out)["aliases"]) == (0, {"Rembrant": "Rembrandt"})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name,id\n", "has no column 'spelling'; its columns are 'name', 'id'"),
        (b"", "has no column 'spelling'; its columns are none: it is empty"),
        (b"spelling,id\nM\xfcller,met:1\n", "is no CSV table in UTF-8: export it from OpenRefine as CSV"),
        (b'spelling,id\n"Rembrant,met:1\n', "is no CSV table (unexpected end of data)"),
        (b"spelling,id\nRembrant\n", None),
    ],
)
def test_a_table_that_cannot_be_read_is_told(desk: Desk, content: bytes, told: str | None) -> None:
    path = desk.data / "answers.csv"
    path.write_bytes(content)
    code, out, err = desk.run("aliases", path, "--name", "spelling", "--artist", "id", "--json")
    if told is None:  # a row that is cut off has no answer
        assert (code, json.loads(out)["rows"]) == (0, {"unanswered": 1})
    else:
        assert (code, out) == (2, "")
        assert told in err


def test_the_label_is_the_one_that_the_artist_has_once_all_is_told() -> None:
    """Two of one name lose the years in their labels when one of them turns out to be a third."""
    one = Maker("met", "1", "Jan Steen", 1626, 1679)
    other = Maker("own", "2", "Jan Steen", 1950, 1999)
    third = Maker("wikiart", "3", "Maria Sibylla Merian", 1950, 1999)
    works = {one: 1, other: 1, third: 1}
    spelt = Maker("own", "4", "J. Stehen")
    works[spelt] = 1
    answers = Answers(works, {})
    answers.add(2, "own:2", "wikiart:3")
    answers.add(3, "J. Stehen", "met:1")
    aliases = answers.aliases()
    assert aliases == {"own:2": "Maria Sibylla Merian", "J. Stehen": "Jan Steen"}
    merged = {maker: artist.name for artist in identify(works, aliases) for maker in artist.makers}
    assert merged[spelt] == merged[one]
    assert merged[other] == merged[third]


def test_what_is_written_can_be_read(desk: Desk) -> None:
    name = 'A "quoted", name'
    desk.museum.add(name, source="stadtmuseum", image=None)
    _, said = desk.aliases('"A ""quoted"", name",met:1')
    assert read_aliases(desk.data / "aliases.csv") == said["aliases"] == {name: "Rembrandt"}
