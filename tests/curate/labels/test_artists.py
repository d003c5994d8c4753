import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.labels.artists import TOLERANCE, Artist, identify, is_nobody, name_keys, parted, read_aliases
from harvest.catalogue.paintings import Maker


def maker(name: str, source: str = "met", life: tuple[int | None, int | None] = (None, None), **keys: str) -> Maker:
    return Maker(source, f"{name} {life} {keys}", name, *life, tuple(sorted(keys.items())))


def merged(*makers: Maker, aliases: dict[str, str] | None = None) -> list[Artist]:
    return identify(dict.fromkeys(makers, 1), aliases)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rembrandt", "Rembrandt (Rembrandt van Rijn)"),
        ("Francisco Goya", "Goya (Francisco de Goya y Lucientes)"),
        ("Picasso Pablo", "Pablo Picasso"),
        ("Rijn, Rembrandt van", "Rembrandt van Rijn"),
        ("ÉDOUARD MANET", "Edouard Manet"),
        ("Dürer, Albrecht", "Albrecht Du\u0308rer"),
        ("Pierre Auguste Renoir (1841-1919)", "Pierre-Auguste Renoir"),
        ("Pieter Brueghel (II)", "Pieter Brueghel the Younger"),
        ("Jan Brueghel the Elder", "Jan Brueghel de Oude"),
        ("Sir Anthony van Dyck", "Dyck, Anthony van"),
        ("Reynolds, Joshua, Sir", "Joshua Reynolds"),
    ],
)
def test_one_name_in_two_spellings_is_one_artist(one: str, other: str) -> None:
    assert name_keys(one) & name_keys(other)
    (artist,) = merged(maker(one), maker(other, "wikiart"))
    assert set(artist.makers.values()) == {"name"}
    assert artist.aliases == sorted({one, other.replace("u\u0308", "ü")})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (maker("Jan Steen", life=(1626, 1679)), maker("Jan Steen", "rma", (1850, 1900))),
        (maker("Jan Steen", wikidata="Q1"), maker("Jan Steen", "rma", wikidata="Q2")),
        (maker("A. B.", wikidata="Q1", life=(1600, 1650)), maker("C. D.", "rma", (1700, 1750), wikidata="Q1")),
        (maker("Pieter Brueghel the Elder"), maker("Pieter Brueghel the Younger", "rma")),
        (maker("David Teniers (II)"), maker("David Teniers (III)", "rma")),
    ],
)
def test_two_who_contradict_each_other_are_two(one: Maker, other: Maker) -> None:
    assert len(merged(one, other)) == 2


def test_numbers_come_before_names() -> None:
    (artist,) = merged(maker("Doménikos Theotokópoulos", ulan="5"), maker("El Greco", "rma", ulan="5"))
    assert set(artist.makers.values()) == {"ulan"}
    assert artist.authorities == {"ulan": "5"}


def test_a_name_within_a_name_needs_the_same_life() -> None:
    assert (
        len(merged(maker("Edgar Degas", life=(1834, 1917)), maker("Hilaire Germain Edgar Degas", "x", (1834, 1917))))
        == 1
    )
    assert len(merged(maker("Edgar Degas"), maker("Hilaire Germain Edgar Degas", "x"))) == 2
    assert (
        len(merged(maker("Edgar Degas", life=(1834, 1917)), maker("Hilaire Germain Edgar Degas", "x", (1834, 1918))))
        == 2
    )


def test_who_could_be_either_of_two_is_neither() -> None:
    old, young = maker("Jan Steen", "a", (1626, 1679)), maker("Jan Steen", "b", (1850, 1900))
    assert len(merged(old, young, maker("Jan Steen", "c"))) == 3
    assert len(merged(old, young, maker("Jan Steen", "c", (1851, None)))) == 2


def test_namesakes_are_told_apart_by_their_lives() -> None:
    artists = merged(maker("Jan Steen", life=(1626, 1679)), maker("Jan Steen", "rma", (1850, None)))
    assert [artist.name for artist in artists] == ["Jan Steen (1626–1679)", "Jan Steen (1850–?)"]


def test_the_label_is_the_name_that_most_paintings_have_without_brackets() -> None:
    often, seldom = maker("Goya (Francisco de Goya y Lucientes)"), maker("Francisco Goya", "wikiart")
    assert identify({often: 9, seldom: 1})[0].name == "Goya"
    assert identify({often: 1, seldom: 9})[0].name == "Francisco Goya"


@pytest.mark.parametrize(
    "name",
    [
        "Workshop of Rembrandt", "Rembrandt and Workshop", "Lucas Cranach the Younger and Workshop", "Circle of Rubens",
        "Follower of Bosch", "Style of Goya", "Attributed to Frans Hals", "navolger van Jan Steen", "kring van Rubens",
        "Netherlandish (Antwerp Mannerist) Painters", "Netherlandish (Antwerp Mannerist) Painer", "French Painter",
        "Italian, Florentine Painters", "Anonymous", "anoniem", "Unknown", "Artist unknown", "\u200b",
    ],
)  # fmt: skip
def test_workshops_circles_and_schools_are_nobody(name: str) -> None:
    assert is_nobody(maker(name))
    assert merged(maker(name)) == []


@pytest.mark.parametrize(
    "name",
    [
        "Thomas Painter", "Master of the Saint Ursula Legend",
        "Master of James IV of Scotland (probably Gerard Horenbout)",
        "Philippe de Champaigne", "Christian Schad", "Dutch Schultz", "John Afterman", "Jean-François Millet",
    ],
)  # fmt: skip
def test_people_are_somebody(name: str) -> None:
    assert not is_nobody(maker(name))


def test_a_users_aliases_win() -> None:
    one, other = maker("Jan Steen", "a"), maker("Jan Steen", "b")
    workshop = maker("Workshop of Rembrandt")
    aliases = {f"b:{other.source_id}": "Another Steen", "Workshop of Rembrandt": "Rembrandt"}
    artists = {artist.name: artist.makers for artist in merged(one, other, workshop, aliases=aliases)}
    assert artists == {"Jan Steen": {one: ""}, "Another Steen": {other: "alias"}, "Rembrandt": {workshop: "alias"}}
    assert merged(one, aliases={"Jan Steen": ""}) == []


STEENS = maker("Jan Steen"), maker("STEEN, JAN", "rma")


@pytest.mark.parametrize(
    ("makers", "aliases", "expected"),
    [
        (STEENS, {"Jan Steen": "Jan Havicksz Steen"}, [("Jan Havicksz Steen", "STEEN, JAN")]),  # in another way
        ((*STEENS, maker("J.S.")), {"J.S.": "jan Steen"}, [("jan Steen", "Jan Steen")]),  # the label in another case
        (
            (maker("Le Greco", ulan="5"), maker("El Greco", "rma", ulan="5")),
            {"Le Greco": "Greco"},
            [("Greco", "El Greco")],
        ),
        (STEENS, {"Jan Steen": "Steen", "STEEN, JAN": "Steen"}, []),
        ((*STEENS, maker("J.S.")), {"J.S.": "Jan Steen"}, []),
        (STEENS, {f"met:{STEENS[0].source_id}": "Another Steen"}, []),  # by its key: knowingly
        ((STEENS[0], maker("Jan Steen", "rma", (1850, 1900))), {}, []),
    ],
)  # fmt: skip
def test_aliases_that_part_one_name_are_found(
    makers: tuple[Maker, ...], aliases: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert parted(merged(*makers, aliases=aliases), aliases) == expected


def test_a_table_of_aliases_is_read(tmp_path: Path) -> None:
    path = tmp_path / "aliases.csv"
    path.write_text('\ufeffalias,artist,note\n"Rijn, Rembrandt",Rembrandt,x\nX, ,\n', "utf-8")
    assert read_aliases(path) == {"Rijn, Rembrandt": "Rembrandt", "X": ""}
    path.write_text("name,artist\n")
    with pytest.raises(CurateError, match=r"aliases.csv is no table of aliases: expected the columns alias and artist"):
        read_aliases(path)
    path.write_bytes(b"alias,artist\n\xff,x\n")
    with pytest.raises(CurateError, match="no CSV table in UTF-8"):
        read_aliases(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"alias,artist\nX\n", "line 2: expected an alias, a comma and an artist"),
        (b"alias,artist\n,X\n", "line 2: expected an alias, a comma and an artist"),
        (b"alias,artist\nX,Y\nX,Z\n", "line 3: 'X' is 'Y' above, and 'Z' here: choose one"),
        (b"alias,artist\nX,\nX,Z\n", "line 3: 'X' is '' above, and 'Z' here: choose one"),
        (b"\xff\xfe", "is no CSV table in UTF-8: expected the columns alias and artist"),
        (b'alias,artist\n"X,Y\n', "is no CSV table \\(unexpected end of data\\): expected the columns"),
    ],
)
def test_what_is_wrong_with_a_table_of_aliases_is_said(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "aliases.csv"
    path.write_bytes(content)
    with pytest.raises(CurateError, match=message):
        read_aliases(path)


MAKERS = st.builds(
    Maker,
    source=st.sampled_from(["a", "b", "c"]),
    source_id=st.text("xyz", min_size=1, max_size=3),
    name=st.sampled_from(["Jan Steen", "Steen, Jan", "Jan Havicksz Steen", "Rubens", "Rubens (Peter Paul Rubens)"]),
    birth_year=st.sampled_from([None, 1600, 1603, 1606, 1800]),
    death_year=st.sampled_from([None, 1650, 1654, 1860]),
    authorities=st.sampled_from(
        [(), (("wikidata", "Q1"),), (("wikidata", "Q2"),), (("ulan", "5"), ("wikidata", "Q1"))]
    ),
)


@given(st.lists(MAKERS, max_size=8, unique_by=lambda maker: (maker.source, maker.source_id)), st.randoms())
def test_no_artist_holds_a_contradiction_and_the_order_makes_no_difference(makers: list[Maker], rng: object) -> None:
    artists = merged(*makers)
    assert sorted(maker for artist in artists for maker in artist.makers) == sorted(makers)
    assert len({artist.name for artist in artists}) == len(artists)
    for artist in artists:
        for one, other in itertools.combinations(artist.makers, 2):
            for ours, theirs in ((one.birth_year, other.birth_year), (one.death_year, other.death_year)):
                assert ours is None or theirs is None or abs(ours - theirs) <= TOLERANCE
            shared = dict(one.authorities).keys() & dict(other.authorities).keys()
            assert all(dict(one.authorities)[name] == dict(other.authorities)[name] for name in shared)
    shuffled = list(makers)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(*shuffled) == artists
