import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from harvest.engine.parse import check
from harvest.errors import BadAnswer, Blocked, Unparsed
from harvest.http.fetcher import Fetcher
from harvest.http.status import Marks
from harvest.http.throttle import Throttle
from harvest.http.url import Mirror
from harvest.parsers.met.genres import TAGS, genre_of
from harvest.records import Attribution, Image, ObjectRecord, Supplement
from harvest.request import Request
from harvest.response import Response
from harvest.source import Selection
from harvest.sources import met
from tests.harvest.conftest import harvest
from tests.harvest.fakes import Clock
from tests.harvest.met_rows import answers, row_of, rows
from tests.museum import met_table
from tests.museum.answer import Answer
from tests.museum.collection import Collection
from tests.museum.server import Museum

PAGE = "https://www.metmuseum.org/art/collection/search/437"
OBJECT = "https://collectionapi.metmuseum.org/public/collection/v1/objects/437"
IIIF = "https://collectionapi.metmuseum.org/api/collection/v1/iiif"
SMALL = "https://images.metmuseum.org/CRDImages/ep/web-large/DT1.jpg"
LARGE = "https://images.metmuseum.org/CRDImages/ep/original/DT1.jpg"
PAINTING = dict.fromkeys(met_table.COLUMNS, "") | {
    "Object ID": "437",
    "Is Public Domain": "True",
    "Object Name": "Painting",
    "Classification": "Paintings",
    "Department": "European Paintings",
    "Object Begin Date": "0",
    "Object End Date": "0",
    "Link Resource": "http://www.metmuseum.org/art/collection/search/437",
}


@pytest.fixture(scope="module")
def real(shared: Path) -> list[dict[str, str]]:
    return rows(shared / "samples" / "met" / "csv" / "met_openaccess_54col_2000rows.csv")


def row(**cells: str) -> dict[str, str]:
    """A painting's row; `Artist_Role` stands for "Artist Role"."""
    return PAINTING | {column.replace("_", " "): cell for column, cell in cells.items()}


def painting(**cells: str) -> ObjectRecord:
    return met.parse_row(row(**cells))


def by(**cells: str) -> list[tuple[str | None, str, str | None]]:
    """Name, role and qualifier of each maker; a column's cells without "Artist "."""
    made = painting(**{f"Artist_{column}": cell for column, cell in cells.items()})
    return [(maker.artist.name, maker.role, maker.qualifier) for maker in made.attributions]


def terms(record: ObjectRecord, field: str) -> list[tuple[str, str | None]]:
    return [(term.text, term.origin) for term in record.terms if term.field == field]


def years(record: ObjectRecord) -> tuple[int | None, int | None, str | None]:
    dating = record.dating
    return (dating.earliest, dating.latest, dating.origin) if dating else (None, None, None)


def answer(kind: str, body: bytes | str, content_type: str = "text/html") -> Response:
    url = OBJECT if kind == "object" else PAGE
    encoded = body.encode() if isinstance(body, str) else body
    request = Request(kind, url, "437", "European Paintings", {"changed": None})
    return Response(request, url, 200, {"content-type": content_type}, encoded)


def api(**fields: Any) -> list[Request | Supplement]:
    own = {"objectID": 437, "isPublicDomain": True, "primaryImage": LARGE, "primaryImageSmall": SMALL}
    return list(met.parse_object(answer("object", json.dumps(own | fields), "application/json")))


def shown(address: str, before: str = "", meta: str = '<meta property="og:image" content="{}"/>') -> Supplement:
    page = f"<html><head>{before}{meta.format(address)}</head><body></body></html>"
    (extra,) = met.parse_page(answer("page", page))
    return extra


def images(extra: Request | Supplement) -> tuple[Image, ...]:
    assert isinstance(extra, Supplement)
    assert extra.images is not None
    return extra.images


# The table
@pytest.mark.parametrize("columns", [met_table.COLUMNS, met_table.COLUMNS_2019, met_table.COLUMNS_2017], ids=len)
def test_every_header_since_2016_is_read_by_name(columns: Sequence[str]) -> None:
    met.check_table(columns)
    table = met_table.table(met_table.rows(300), columns).decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(table, newline="")):
        met.check_row(row)
        record = met.parse_row(row)
        assert record.source_id == row["Object ID"]
        assert not [term for term in record.terms if term.field == "tag"] or "Tags" in columns


def test_a_missing_column_is_named() -> None:
    with pytest.raises(Unparsed, match="expected the column 'Object ID', got 'Object Number, "):
        met.check_table([column for column in met_table.COLUMNS if column != "Object ID"])


def test_a_byte_order_mark_left_in_the_header_is_noticed() -> None:
    with pytest.raises(Unparsed, match="expected the column 'Object Number'"):
        met.check_table(["\ufeffObject Number", *met_table.COLUMNS[1:]])


def test_a_pointer_of_git_lfs_is_no_table() -> None:
    with pytest.raises(Unparsed, match=r"only a pointer of Git LFS: fetch https://media\.githubusercontent\.com/"):
        met.check_table(["version https://git-lfs.github.com/spec/v1"])


def test_no_real_row_is_refused(real: list[dict[str, str]]) -> None:
    met.check_table(list(real[0]))
    for row in real:
        met.check_row(row)
    records = [met.parse_row(row) for row in real]
    check(records, "the table")
    assert len(records) == 2000
    assert Counter(record.object_type for record in records)["painting"] == 188
    assert sum(record.images is not None for record in records) == 53


@pytest.mark.parametrize(
    "cells",
    [
        {"Object_ID": "Painting"},
        {"Object_ID": ""},
        {"Object_ID": "12345678901"},
        {"Object_ID": "٤"},
        {"Object_ID": "438"},
        {"Is_Public_Domain": "437"},
        {"Is_Public_Domain": ""},
        {"Object_Begin_Date": "1/1/1885"},
        {"Object_Begin_Date": "ca. 1885"},
        {"Object_End_Date": "Oil on canvas"},
        {"Link_Resource": "Paintings"},
    ],
)
def test_a_shifted_row_is_refused(cells: dict[str, str]) -> None:
    with pytest.raises(Unparsed, match="expected"):
        met.check_row(row(**cells))


@pytest.mark.parametrize(
    ("text", "is_free"),
    [
        *((text, True) for text in ("True", "TRUE", "true", "1", "Yes", " true ")),
        *((text, False) for text in ("False", "FALSE", "false", "0", "no")),
    ],
)
def test_a_boolean_may_be_spelt_in_any_way(text: str, *, is_free: bool) -> None:
    cells = row(Is_Public_Domain=text)
    met.check_row(cells)
    assert (met.parse_row(cells).rights == met.FREE) is is_free
    assert (met.ask_about(cells, Selection()) is not None) is is_free


@pytest.mark.parametrize(
    "cells",
    [
        {"Object_Begin_Date": "1/1/1885"},
        {"Object_Number": "Sep-85"},
        {"Object_Date": "Jun-05", "Object_Begin_Date": "1905", "Object_End_Date": "1906"},
    ],
)
def test_a_table_that_a_spreadsheet_has_saved_is_told_from_a_shifted_one(cells: dict[str, str]) -> None:
    with pytest.raises(Unparsed, match="a spreadsheet has saved the table anew and changed its dates"):
        met.check_row(row(**cells))


@pytest.mark.parametrize(
    ("text", "begin", "end"), [("Jun-05", "1905", "1905"), ("Jun-05", "0", "0"), ("May-05", "1905", "1906")]
)
def test_a_month_that_the_museum_wrote_itself_is_left(text: str, begin: str, end: str) -> None:
    met.check_row(row(Object_Date=text, Object_Begin_Date=begin, Object_End_Date=end))


def test_a_row_of_another_length_is_refused() -> None:
    for extra in ({"Tags": None}, {None: ["Men"]}):
        with pytest.raises(Unparsed, match="expected a cell for each column"):
            met.check_row(row() | extra)  # type: ignore[operator]


_CELLS = st.text() | st.lists(st.sampled_from(["|", " ", "or", "1780      ", "Q5", "/", "<i>", "&#0;", "-9", "٤"])).map(
    "".join
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(met_table.COLUMNS), _CELLS, max_size=12))
def test_any_row_is_read_or_refused(cells: dict[str, str]) -> None:
    row = PAINTING | cells
    try:
        met.check_row(row)
        met.ask_about(row, Selection())
        check([met.parse_row(row)], "the row")
    except Unparsed:
        pass


# What is a painting
@pytest.mark.parametrize(
    ("name", "classification", "object_type"),
    [
        ("Painting", "Paintings", "painting"),
        ("Hanging scroll", "Paintings", "painting"),
        ("Predella panel", "Paintings-Panels", "painting"),
        ("Cabinet", "Woodwork-Furniture|Paintings", "painting"),
        ("Painting", "", "painting"),  # the American Wing
        ("Painting, sketch", "|", "painting"),
        ("Painting, miniature", "", "miniature"),
        ("Painting", "Glass-Painted", "glass"),
        ("Painting", "Paintingsque", "paintingsque"),
        ("Print, baseball card", "Prints|Ephemera", "print"),
        ("", "Ceramics-Porcelain", "ceramics"),
        (" ", " | ", "object"),
        ("A most wonderful contraption of no known use at all", "", "a most wonderful contraption of no known"),
    ],
)
def test_the_rule_for_paintings(name: str, classification: str, object_type: str) -> None:
    assert painting(Object_Name=name, Classification=classification).object_type == object_type


# Makers
def test_the_painter_comes_first_whatever_the_order() -> None:
    assert by(Role="Author|Artist", Display_Name="Firdausi|Mu'in") == [
        ("Mu'in", "artist", None),
        ("Firdausi", "author", "author"),
    ]


def test_who_signed_a_painting_comes_behind_who_painted_it() -> None:
    made = by(Role="Artist|Artist", Prefix="Inscribed by| ", Display_Name="Gyokuhō|Tōgan")
    assert made == [("Tōgan", "artist", None), ("Gyokuhō", "artist", "Inscribed by")]


def test_two_painters_keep_their_order() -> None:
    made = by(Role="Artist|Artist", Prefix=" |and", Display_Name="Jonathan K. Trego|J. L. Williams")
    assert made == [("Jonathan K. Trego", "artist", None), ("J. L. Williams", "artist", None)]


@pytest.mark.parametrize(
    "prefix", ["Attributed to", "Workshop of", "Follower of", "Copy after", "?Workshop of", "After"]
)
def test_a_prefix_says_that_it_is_not_simply_by_them(prefix: str) -> None:
    assert by(Role="Artist", Prefix=prefix, Display_Name="Rubens") == [("Rubens", "artist", prefix)]


def test_a_doubtful_painter_is_not_made_sure_by_a_sure_companion() -> None:
    first, _ = by(Role="Artist|Artist", Prefix="Attributed to|and", Display_Name="A|B")
    assert first == ("A", "artist", "Attributed to")


@pytest.mark.parametrize(
    ("suffix", "qualifier"),
    [
        (" ", None),
        ("(namepiece)", None),
        (", London", None),
        ("and Workshop", "and Workshop"),
        (", and workshop", "and workshop"),
        ("(?)", "(?)"),
        ("or a follower", "or a follower"),
    ],
)
def test_a_suffix_may_say_so_too(suffix: str, qualifier: str | None) -> None:
    assert by(Role="Artist", Suffix=suffix, Display_Name="Titian") == [("Titian", "artist", qualifier)]


def test_an_alternative_makes_both_uncertain() -> None:
    made = by(Role="Artist|Artist", Prefix=" |or", Display_Name="Cavarozzi|Master of the Still Life")
    assert [qualifier for _, _, qualifier in made] == ["or", "or"]


def test_a_former_attribution_is_not_the_artist() -> None:
    assert by(Role="Former Attribution", Display_Name="Ryder") == [
        ("Ryder", "former attribution", "former attribution")
    ]


def test_a_sitter_alone_is_not_the_artist_of_a_painting_but_a_publisher_made_a_print() -> None:
    assert by(Role="Sitter", Display_Name="X") == [("X", "sitter", "sitter")]
    (made,) = painting(Classification="Prints", Artist_Role="Publisher", Artist_Display_Name="X").attributions
    assert (made.role, made.qualifier) == ("publisher", None)


@pytest.mark.parametrize(
    "name",
    [
        "Unidentified artist",
        "Unknown",
        "Anonymous, 16th century",
        "Artist unknown",
        "French Painter",
        "North Italian Painter (Verona?)",
        "Netherlandish (Antwerp) Painter",
        "Nasca artist(s)",
        "Italian Painters",
        "Florentine Painer",
        "Italian Painters and Workshop",
        "Edo artist",
        "Italian",
        " ",
    ],
)
def test_nobody_in_particular_is_no_artist(name: str) -> None:
    assert by(Role="Artist", Display_Name=name) == []


@pytest.mark.parametrize(
    "name",
    [
        "Johannes Vermeer",
        "Master of Pedret",
        "Italian Master of the Dry Fly",
        "Christian Friis",
        "Painter of Berlin 1686",
    ],
)
def test_somebody_is_one(name: str) -> None:
    assert by(Role="Artist", Display_Name=name) == [(name, "artist", None)]


def test_an_invented_name_that_an_authority_knows_is_a_name() -> None:
    made = by(Role="Artist", Display_Name="Netherlandish Painter", ULAN_URL="http://vocab.getty.edu/page/ulan/500123")
    assert [name for name, _, _ in made] == ["Netherlandish Painter"]


@pytest.mark.parametrize(
    ("name", "parted"),
    [
        ("Workshop of  Paolo di Giovanni Fei", ("Paolo di Giovanni Fei", "artist", "Workshop of")),
        ("Attributed to Corneille de Lyon", ("Corneille de Lyon", "artist", "Attributed to")),
        ("Italian, Neapolitan Follower of Giotto", ("Giotto", "artist", "Italian, Neapolitan Follower of")),
        ("Titian and Workshop", ("Titian", "artist", "and Workshop")),
        ("Titian\u200b ( Tiziano )", ("Titian (Tiziano)", "artist", None)),
    ],
)
def test_a_name_that_holds_its_qualifier_is_parted(name: str, parted: tuple[str, str, str]) -> None:
    assert by(Role="Artist", Display_Name=name) == [parted]


@pytest.mark.parametrize(
    ("ulan", "wikidata", "key", "authorities"),
    [
        (
            "http://vocab.getty.edu/page/ulan/500",
            "https://www.wikidata.org/wiki/Q5",
            "wikidata:Q5",
            ["ulan", "wikidata"],
        ),
        ("http://vocab.getty.edu/page/ulan/500", "", "ulan:500", ["ulan"]),
        ("(not assigned)", "https://www.wikidata.org/wiki/", "name:Manet", []),
    ],
)
def test_an_artist_is_known_by_an_authority_else_by_name(
    ulan: str, wikidata: str, key: str, authorities: list[str]
) -> None:
    cells = {"Artist_Display_Name": "Manet", "Artist_ULAN_URL": ulan, "Artist_Wikidata_URL": wikidata}
    (made,) = painting(Artist_Role="Artist", **cells).attributions
    assert made.artist.source_id == key
    assert sorted(made.artist.authorities) == authorities


def test_lives_are_padded_and_9999_is_not_their_end() -> None:
    cells = {"Artist_Begin_Date": "1780      |1950      ", "Artist_End_Date": "1859      |9999      "}
    first, second = painting(
        Artist_Display_Name="A|B", Artist_Role="Artist|Artist", Artist_Nationality="French| ", **cells
    ).attributions
    assert (first.artist.birth_year, first.artist.death_year, first.artist.nationality) == (1780, 1859, "French")
    assert (second.artist.birth_year, second.artist.death_year, second.artist.nationality) == (1950, None, None)


@pytest.mark.parametrize("column", ["Wikidata_URL", "ULAN_URL"])
@pytest.mark.parametrize("parts", ["X1", "X1|X2", "X1|X2|X3|X4"])
def test_a_number_of_which_nobody_knows_whose_it_is_binds_to_nobody(column: str, parts: str) -> None:
    start = "https://www.wikidata.org/wiki/Q" if column == "Wikidata_URL" else "http://vocab.getty.edu/page/ulan/"
    cells = {f"Artist_{column}": parts.replace("X", start), "Artist_Begin_Date": "1600|1700"}
    made = painting(Artist_Role="Artist|Artist|Artist", Artist_Display_Name="A|B|C", **cells).attributions
    assert [maker.artist.source_id for maker in made] == ["name:A", "name:B", "name:C"]
    assert not any(maker.artist.authorities or maker.artist.birth_year for maker in made)


def test_a_word_of_which_nobody_knows_whose_it_is_makes_every_maker_doubtful() -> None:
    made = by(Role="Artist|Artist|Artist", Prefix="|Workshop of", Display_Name="A|B|C")
    assert [qualifier for _, _, qualifier in made] == ["Workshop of"] * 3
    made = by(Role="Artist|Sitter", Display_Name="A|B|C")
    assert [qualifier for _, _, qualifier in made] == ["sitter"] * 3
    assert [qualifier for _, _, qualifier in by(Role="Artist", Prefix="by", Display_Name="A|B")] == [None, None]


def test_the_words_around_a_name_are_as_people_see_them() -> None:
    made = painting(
        Artist_Prefix="Attributed\u200b  to",
        Artist_Display_Name="A",
        Artist_Nationality="\ufeffFrench",
        Artist_Role="Artist",
    ).attributions
    assert [(maker.qualifier, maker.artist.nationality) for maker in made] == [("Attributed to", "French")]


def test_lists_of_unequal_length_survive() -> None:
    made = by(Role="Artist", Display_Name="A|B|C", Nationality="French|Dutch", Begin_Date="|||1800")
    assert [name for name, _, _ in made] == ["A", "B", "C"]


# Dates
@pytest.mark.parametrize(
    ("text", "begin", "end", "expected"),
    [
        ("1889", "1889", "1889", (1889, 1889, "Object Date")),
        ("ca. 1885", "1880", "1890", (1885, 1885, "Object Date")),
        ("1847–50", "1847", "1850", (1847, 1850, "Object Date")),
        ("16th century", "1500", "1599", (1501, 1600, "Object Date")),
        ("09/1881", "1881", "1881", (1881, 1881, "Object Date")),
        ("16–17", "1616", "1617", (1616, 1617, "Object Begin Date")),
        ("1890", "1880", "1885", (1880, 1885, "Object Begin Date")),  # they contradict each other
        ("mid-18th century", "1833", "1867", (1833, 1867, "Object Begin Date")),
        ("after 1900", "1850", "1860", (1850, 1860, "Object Begin Date")),
        ("before 1800", "1850", "1860", (1850, 1860, "Object Begin Date")),
        ("1643", "1643", "153505", (1643, 1643, "Object Date")),  # a slip of the museum's
        ("1643", "1650", "1640", (1643, 1643, "Object Date")),
        ("1800s", "1800", "1809", (1800, 1809, "Object Date")),
        ("1800s", "0", "0", (1800, 1809, "Object Date")),
        ("about when he was in Rome", "1580", "1585", (1580, 1585, "Object Begin Date")),
        ("", "1580", "1590", (1580, 1590, "Object Begin Date")),
        ("", "1580", "1591", (None, None, None)),
        ("", "0", "0", (None, None, None)),
        ("", "0", "5", (None, None, None)),
        ("", "-330", "-325", (-330, -325, "Object Begin Date")),
        ("", "1590", "1580", (None, None, None)),
        ("", "9990", "9999", (None, None, None)),
        ("", "", "", (None, None, None)),
    ],
)
def test_years_are_the_museums_words_else_its_close_bounds(
    text: str, begin: str, end: str, expected: tuple[int | None, int | None, str | None]
) -> None:
    record = painting(Object_Date=text, Object_Begin_Date=begin, Object_End_Date=end)
    assert years(record) == expected
    if record.dating and record.dating.origin == "Object Begin Date":
        assert record.dating.precision == "span"
    if text:
        assert record.dating is not None
        assert record.dating.text == text


@pytest.mark.parametrize(
    ("text", "open_years"),
    [
        ("before 1452", (None, 1452)),
        ("shortly after 1450", (1450, None)),
        ("ca. 1453 or later", (1453, None)),
        ("by 1453", (None, 1453)),
        ("not long before his death, by report", (None, None)),
    ],
)
def test_bounds_of_an_open_dating_are_no_year(text: str, open_years: tuple[int | None, int | None]) -> None:
    assert years(painting(Object_Date=text, Object_Begin_Date="1450", Object_End_Date="1455"))[:2] == open_years


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [("1800s", "1800", "1899"), ("early 1800s", "1800", "1833"), ("late 1300s or early 1400s", "1375", "1425")],
)
def test_hundreds_are_a_century_where_the_museums_bounds_are_one(text: str, begin: str, end: str) -> None:
    dating = painting(Object_Date=text, Object_Begin_Date=begin, Object_End_Date=end).dating
    assert dating is not None
    assert (dating.text, dating.earliest, dating.latest, dating.precision) == (text, int(begin), int(end), "century")


def test_years_before_christ_are_negative(real: list[dict[str, str]]) -> None:
    ancient = [row for row in real if row["Object End Date"].startswith("-")]
    datings = [record.dating for record in map(met.parse_row, ancient) if record.dating and record.dating.latest]
    assert len(datings) > 30
    assert all(dating.latest is not None and dating.latest < 0 for dating in datings)


# Terms
def test_the_medium_is_one_term_in_the_sources_own_words() -> None:
    assert terms(painting(Medium="Tempera on wood,\n gold ground"), "medium") == [
        ("Tempera on wood, gold ground", "Medium")
    ]


@pytest.mark.parametrize(
    ("tags", "genre"),
    [
        ("Men|Self-portraits|Portraits", "self-portrait"),
        ("Landscapes|Saint Jerome|Portraits", "religious painting"),
        ("Men|Portraits|Venus", "portrait"),
        ("Female Nudes|Venus", "mythological painting"),
        ("Still Life|Female Nudes", "still life"),
        ("Landscapes|Female Nudes", "nude painting (nu)"),
        ("Battles|Landscapes", "history painting"),
        ("Landscapes|Cities", "landscape"),
        ("Cities|Rivers|Boats", "cityscape"),
        ("Seascapes|Boats|Interiors", "marina"),
        ("Interiors|Dogs|Women", "genre painting"),
        ("Dogs", "animal painting"),
        ("Men|Women", None),
        ("", None),
    ],
)
def test_the_genre_comes_from_the_tags_by_priority(tags: str, genre: str | None) -> None:
    assert terms(painting(Tags=tags, Title="Untitled"), "genre") == ([(genre, "Tags")] if genre else [])


def test_without_a_telling_tag_the_title_tells_the_genre() -> None:
    record = painting(Tags="Men", Title="Portrait of a Man in a Landscape")
    assert terms(record, "genre") == [("portrait", "Title")]
    assert genre_of([], "Portrait of the Artist's Mother: a Self-Portrait") == ("self-portrait", "Title")
    assert genre_of([], "Marsh") is None


def test_only_paintings_have_a_genre() -> None:
    assert terms(painting(Classification="Prints", Tags="Portraits", Title="Portrait"), "genre") == []


def test_every_tag_that_tells_a_genre_is_one_of_the_museums(shared: Path) -> None:
    known = {row["English"].casefold() for row in rows(shared / "samples" / "met" / "vocab" / "tags.csv")}
    ours = {tag.strip().casefold() for _, tags in TAGS for tag in tags.split("|")}
    assert ours - known == {"venice"}  # tagged since
    assert genre_of(["portraits"], "") == ("portrait", "Tags")


def test_every_tag_is_kept_with_its_item() -> None:
    items = "https://www.wikidata.org/wiki/Q8441||https://www.wikidata.org/wiki/Q467"
    record = painting(Tags="Men|Birds|Women", Tags_Wikidata_URL=items)
    assert [(term.text, term.slug) for term in record.terms if term.field == "tag"] == [
        ("Men", "Q8441"),
        ("Birds", None),
        ("Women", "Q467"),
    ]


def test_no_tag_gets_anothers_item_where_the_lists_differ_in_length() -> None:
    record = painting(Tags="Men|Birds", Tags_Wikidata_URL="https://www.wikidata.org/wiki/Q8441")
    assert [term.slug for term in record.terms if term.field == "tag"] == [None, None]


def test_department_culture_and_period_are_terms_and_nothing_is_a_style() -> None:
    record = painting(Culture="Japan", Period="Edo period (1615–1868)", Artist_Nationality="Japanese")
    assert terms(record, "department") == [("European Paintings", "Department")]
    assert terms(record, "culture") == [("Japan", "Culture")]
    assert terms(record, "period") == [("Edo period (1615–1868)", "Period")]
    assert terms(record, "style") == []


# The rest of a row
def test_markup_is_taken_out_of_a_title_and_kept_in_the_fields() -> None:
    record = painting(Title="Armor (&lt;i&gt;Gusoku&lt;/i&gt;) &amp; Helmet")
    assert record.title == "Armor (Gusoku) & Helmet"
    assert record.fields["Title"] == "Armor (&lt;i&gt;Gusoku&lt;/i&gt;) &amp; Helmet"


def test_fields_are_the_sources_own_without_padding_and_blanks() -> None:
    record = painting(Artist_Prefix=" | ", Dimensions=" 1 in.\n2 in. ", Artist_Gender="|")
    assert record.fields["Dimensions"] == "1 in.\n2 in."
    assert not {"Artist Prefix", "Artist Gender", "Culture"} & set(record.fields)


def test_an_object_is_known_by_its_page_its_item_and_its_accession() -> None:
    record = painting(Object_Wikidata_URL="https://www.wikidata.org/wiki/Q19925408", Object_Number="29.85")
    assert record.url == PAGE
    assert record.identifiers == {"wikidata": "Q19925408", "accession": "29.85"}
    assert painting().identifiers == {}


def test_an_image_is_told_elsewhere_unless_it_is_withheld() -> None:
    assert (painting().images, painting().rights) == (None, "Public domain (CC0)")
    record = painting(Is_Public_Domain="False", Rights_and_Reproduction="© 2023 Artists Rights Society")
    assert record.rights == "© 2023 Artists Rights Society"
    assert record.images == (Image(PAGE, state="withheld", origin="Is Public Domain"),)
    assert painting(Is_Public_Domain="False").rights == "Not in the public domain"


# Requests
def test_the_api_is_asked_about_a_painting_and_the_page_where_it_fails() -> None:
    request = met.ask_about(row(), Selection())
    assert request is not None
    assert (request.kind, request.url, request.key, request.scope) == ("object", OBJECT, "437", "European Paintings")
    assert request.fallback is not None
    assert (request.fallback.kind, request.fallback.url, request.fallback.key) == ("page", PAGE, "437")


@pytest.mark.parametrize(
    ("cells", "options", "is_asked"),
    [
        ({"Is_Public_Domain": "False"}, {}, False),
        ({"Is_Public_Domain": "False"}, {"all_objects": True}, False),
        ({"Classification": "Prints"}, {}, False),
        ({"Classification": "Prints"}, {"all_objects": True}, True),
        ({}, {"department": ("Asian Art",)}, False),
        ({}, {"department": ("Asian Art", "European Paintings")}, True),
        ({"Classification": "Prints"}, {"all_objects": True, "department": ("Asian Art",)}, False),
    ],
)
def test_only_what_is_wanted_and_given_is_asked_about(
    cells: dict[str, str], options: dict[str, Any], is_asked: bool
) -> None:
    assert (met.ask_about(row(**cells), Selection(options)) is not None) is is_asked


def test_the_scopes_are_the_departments() -> None:
    assert met.scope(Selection()).scopes is None
    assert met.scope(Selection({"department": ()})).scopes is None
    assert met.scope(Selection({"department": ("Asian Art",)})).scopes == {"Asian Art"}
    assert list(met.start(Selection())) == []


# The API
def test_the_small_image_is_tried_before_the_original() -> None:
    (extra,) = api(metadataDate="2024-03-21T04:53:23.783Z")
    assert images(extra) == (Image(LARGE, (SMALL, LARGE), origin="api primaryImageSmall"),)
    assert isinstance(extra, Supplement)
    assert (extra.rights, extra.fields) == ("Public domain (CC0)", {"metadataDate": "2024-03-21T04:53:23.783Z"})


def test_an_images_address_is_percent_encoded_once() -> None:
    odd = "https://images.metmuseum.org/CRDImages/as/original/LC 1, 100%,_å%20b.JPG"
    (image,) = images(api(primaryImageSmall="", primaryImage=odd)[0])
    assert image.url == "https://images.metmuseum.org/CRDImages/as/original/LC%201,%20100%25,_%C3%A5%20b.JPG"
    assert image.candidates == (image.url,)
    assert image.origin == "api primaryImage"


@pytest.mark.parametrize("absent", ["", None, 3, "https://elsewhere.org/CRDImages/x.jpg", "http://[", "\ud800"])
def test_where_the_api_has_no_image_the_page_is_asked(absent: object) -> None:
    extra, request = api(primaryImage=absent, primaryImageSmall=absent)
    assert isinstance(extra, Supplement)
    assert extra.images is None
    assert request == Request("page", PAGE, "437", "European Paintings", {"changed": None})


def test_what_left_the_public_domain_since_is_withheld() -> None:
    (extra,) = api(isPublicDomain=False, rightsAndReproduction="")
    assert images(extra) == (Image(PAGE, state="withheld", origin="api isPublicDomain"),)
    assert isinstance(extra, Supplement)
    assert extra.rights == "Not in the public domain"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"message": "ObjectID not found"}', Unparsed),
        ('{"objectID": 438, "isPublicDomain": true}', Unparsed),
        ('{"objectID": 437}', Unparsed),
        ('{"objectID": 437, "isPublicDomain": "yes"}', Unparsed),
        ('{"objectID": true, "isPublicDomain": true}', Unparsed),
        ("[]", Unparsed),
        ("null", Unparsed),
        ("<html></html>", BadAnswer),
    ],
)
def test_another_answer_of_the_api_is_told(body: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^https://collectionapi\.metmuseum\.org/"):
        list(met.parse_object(answer("object", body, "application/json")))


def test_every_real_answer_gives_an_image_or_that_it_is_withheld(shared: Path) -> None:
    states = Counter[str]()
    for payload in answers(shared / "samples" / "met" / "api_paintings.jsonl"):
        url = OBJECT.replace("437", str(payload["objectID"]))
        response = Response(Request("object", url, "k"), url, 200, {}, json.dumps(payload).encode())
        (supplement,) = met.parse_object(response)
        (image,) = images(supplement)
        assert image.url.isascii()
        assert " " not in image.url
        assert bool(image.candidates) == (image.state == "waiting")
        states[image.state] += 1
    assert states == {"waiting": 587, "withheld": 134}


def test_a_block_page_instead_of_json_is_blocked(shared: Path, tmp_path: Path) -> None:
    """With status 200, as it came in 2019."""
    page = (shared / "samples" / "met" / "html" / "incapsula_block_page_2019.html").read_bytes()

    def site(_host: str, path: str, _query: Mapping[str, str]) -> Answer:
        return Answer(b"", status=404) if path == "/robots.txt" else Answer(page)

    with Museum(Collection((), ()), sites=[site]) as museum, requests.Session() as session:
        clock = Clock()
        throttle, mirror = Throttle({}, 0.0, clock.now, clock.wait), Mirror.at(museum.url)
        fetcher = Fetcher(
            session, throttle, mirror=mirror, marks=Marks(met.BLOCK_MARKS, met.QUOTA_MARKS), today=clock.now
        )
        with pytest.raises(Blocked, match=r"collectionapi\.metmuseum\.org blocks us \(status 200"):
            fetcher.fetch(Request("object", OBJECT, "437"))


# The page
def test_the_page_shows_the_image() -> None:
    address = f"{IIIF}/437/1856232/main-image"
    assert shown(address).images == (Image(address, (address,), origin="page og:image"),)


def test_attributes_may_come_in_any_order_and_with_others() -> None:
    address = f"{IIIF}/437/1856232/main-image"
    extra = shown(address, meta='<meta content="{}" data-x="1" property="og:image">')
    assert extra.images == shown(address).images


def test_a_page_of_2018_shows_the_file_itself() -> None:
    assert shown(LARGE).images == (Image(LARGE, (LARGE,), origin="page og:image"),)


def test_a_restricted_image_is_withheld() -> None:
    address = f"{IIIF}/437/1856232/restricted"
    assert shown(address).images == (Image(address, state="withheld", origin="page og:image"),)


def test_a_picture_of_the_sites_own_is_none_of_the_object() -> None:
    assert shown("https://www.metmuseum.org/-/media/images/social-share.jpg").images == ()


@pytest.mark.parametrize(
    "address",
    [
        f"{IIIF}/438/1856232/main-image",
        f"{IIIF}/4370/1856232/restricted",
        f"{IIIF}/437/1856232/main-image/evil",
        f"{IIIF}/437/1856232/source",
        "https://elsewhere.org/api/collection/v1/iiif/437/1/main-image",
        "https://collectionapi.metmuseum.org@elsewhere.org/api/collection/v1/iiif/437/1/main-image",
        "/api/collection/v1/iiif/437/1/main-image",
        "http://[",
        "",
    ],
)
def test_another_objects_or_hosts_image_is_refused(address: str) -> None:
    with pytest.raises(Unparsed, match="expected an image of object 437, got"):
        shown(address)


@pytest.mark.parametrize(("body", "error"), [("<html></html>", Unparsed), ("", BadAnswer), ("no markup", BadAnswer)])
def test_another_page_is_told(body: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^https://www\.metmuseum\.org/"):
        list(met.parse_page(answer("page", body)))


# Known objects
def known(shared: Path, name: str) -> tuple[ObjectRecord, Attribution]:
    payload = json.loads((shared / "samples" / "met" / "api" / f"example_{name}.json").read_text(encoding="utf-8"))
    record = met.parse_row(row_of(payload))
    return record, record.attributions[0]


def test_a_painting_of_the_american_wing(shared: Path) -> None:
    record, made = known(shared, "american_wing_blank_classification")
    assert (record.object_type, record.source_id) == ("painting", "10049")
    assert (made.artist.source_id, made.artist.birth_year, made.artist.death_year) == ("wikidata:Q259538", 1852, 1911)
    assert years(record) == (1898, 1898, "Object Date")
    assert terms(record, "genre") == []  # kings, men, women and a dog… of King Lear


def test_a_painting_that_is_not_in_the_public_domain(shared: Path) -> None:
    record, made = known(shared, "not_public_domain")
    assert (made.artist.name, made.qualifier) == ("Childe Hassam", None)
    assert record.images is not None
    assert record.images[0].state == "withheld"
    assert terms(record, "genre") == [("cityscape", "Tags")]


def test_a_painting_by_two(shared: Path) -> None:
    record, _ = known(shared, "two_constituents")
    assert [(made.artist.source_id, made.qualifier) for made in record.attributions] == [
        ("wikidata:Q22673690", None),
        ("wikidata:Q22673691", None),
    ]


def test_a_painting_of_a_workshop(shared: Path) -> None:
    _, made = known(shared, "workshop_of_prefix")
    assert made.qualifier == "Workshop of"


def test_a_painting_once_attributed(shared: Path) -> None:
    record, made = known(shared, "former_attribution")
    assert (made.artist.name, made.qualifier) == ("Albert Pinkham Ryder", "Formerly attributed to")
    assert terms(record, "genre") == [("landscape", "Tags")]


def test_all_real_paintings_of_the_api_are_paintings_by_the_rule(shared: Path) -> None:
    records = [
        met.parse_row(row_of(payload)) for payload in answers(shared / "samples" / "met" / "api_paintings.jsonl")
    ]
    check(records, "the API")
    assert {record.object_type for record in records} == {"painting"}
    named = sum(bool(record.attributions) and record.attributions[0].qualifier is None for record in records)
    assert named / len(records) == pytest.approx(0.9, abs=0.02)


def test_without_images_the_table_is_enough(tmp_path: Path, museum: Museum) -> None:
    """Its API and pages are asked for images alone; a later run with images asks them."""
    table, url = tmp_path / "MetObjects.csv", museum.address(met.TABLE.url)
    table.write_bytes(requests.get(url, timeout=10).content)
    museum.forget()
    command = ("met", "--data", tmp_path, "--mirror", museum.url, "--csv", table)
    for options in (["--no-images"], ["--no-images", "--department", "European Paintings"]):
        result = harvest(*command, *options)
        assert result.exit_code == 0, result.output
        assert "met: complete" in result.stdout
        assert museum.asked == []
    assert harvest(*command).exit_code in (0, 3)
    assert {asked.host for asked in museum.asked} >= {met.API, met.PICTURES}
