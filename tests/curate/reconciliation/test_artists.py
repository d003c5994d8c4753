"""Whom a name may mean: exact names as a build merges them, others by how alike they are, years and numbers beside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.labels.artists import identify
from curate.reconciliation.artists import Artists, Candidate, Query
from harvest.catalogue.paintings import Maker

Life = tuple[int | None, int | None]


def maker(name: str, source: str = "met", life: Life = (None, None), **keys: str) -> Maker:
    return Maker(source, f"{name} {life}", name, *life, tuple(sorted(keys.items())))


WORKS = {
    maker("Rembrandt (Rembrandt van Rijn)", life=(1606, 1669), wikidata="Q5598"): 3,
    maker("Rijn, Rembrandt van", "rijksmuseum", (1606, 1669)): 2,
    maker("Hendrick Goltzius", life=(1558, 1617)): 1,
    maker("Jan Brueghel the Elder", life=(1568, 1625)): 4,
    maker("Jan Brueghel the Younger", life=(1601, 1678)): 1,
    maker("Jan Steen", life=(1626, 1679)): 5,
    maker("Jan Steen", "wikiart", (1850, 1900)): 1,
    maker("Vincent van Gogh", life=(1853, 1890)): 2,
    maker("Peter Paul Rubens"): 1,
    maker("Dürer, Albrecht"): 1,
}
ARTISTS = Artists(identify(WORKS), WORKS)


def found(name: str, **known: str) -> list[Candidate]:
    return ARTISTS.find(Query.of(name, {key: [value] for key, value in known.items()}))


def first(name: str, **known: str) -> tuple[str, bool]:
    best = found(name, **known)[0]
    return best.person.artist.name, best.is_match


@pytest.mark.parametrize(
    ("name", "artist"),
    [
        ("Rembrandt", "Rembrandt"),
        ("REMBRANDT VAN RIJN", "Rembrandt"),
        ("Rijn, Rembrandt van (1606–1669)", "Rembrandt"),
        ("Gogh, Vincent van", "Vincent van Gogh"),
        ("Vincent van Gogh, geb. 1853", "Vincent van Gogh"),
        ("Albrecht Durer", "Dürer, Albrecht"),
        ("Jan Brueghel d. J.", "Jan Brueghel the Younger"),
        ("Jan Steen (1626-1679)", "Jan Steen (1626–1679)"),
        ("Jan Steen *1850", "Jan Steen (1850–1900)"),
        ("met:Peter Paul Rubens (None, None)", "Peter Paul Rubens"),
    ],
)
def test_a_name_in_another_order_or_type_is_a_match(name: str, artist: str) -> None:
    assert first(name) == (artist, True)
    assert found(name)[0].score == 100


@pytest.mark.parametrize(
    ("name", "artist", "least"),
    [
        ("Rembrant van Rijn", "Rembrandt", 90),  # a slip
        ("H. Goltzius", "Hendrick Goltzius", 90),  # an initial
        ("P.P. Rubens", "Peter Paul Rubens", 70),
        ("Goltzius", "Hendrick Goltzius", 60),
        ("Brueghel, Jan", "Jan Brueghel the Elder", 75),  # two of them: that of more works comes first
        ("Jan Steen", "Jan Steen (1626–1679)", 100),
    ],
)
def test_a_name_that_is_alike_or_of_two_is_a_candidate_and_no_match(name: str, artist: str, least: float) -> None:
    candidates = found(name)
    assert candidates[0].person.artist.name == artist
    assert candidates[0].score >= least
    assert not any(one.is_match for one in candidates)


def test_a_surname_alone_that_several_artists_share_is_no_match() -> None:
    works = {maker("Ruisdael"): 1, maker("Jacob van Ruisdael", life=(1628, 1682)): 3, maker("Isaack van Ruisdael"): 1}
    shared = Artists(identify(works), works)
    for name in ("Ruisdael", "RUISDAEL", "van Ruisdael"):
        candidates = shared.find(Query.of(name))
        assert {one.person.artist.name for one in candidates} == {one.name for one in works}, "all are listed"
        assert not any(one.is_match for one in candidates)
    assert shared.find(Query.of("Jacob van Ruisdael"))[0].is_match
    assert shared.find(Query.of("met:Ruisdael (None, None)"))[0].is_match, "a key says who is meant"
    alone = {one: number for one, number in works.items() if one.name == "Ruisdael"}
    assert Artists(identify(alone), alone).find(Query.of("Ruisdael"))[0].is_match


def test_a_surname_alone_is_a_match_where_the_years_agree_with_one_of_that_name() -> None:
    works = {maker("Ruisdael", life=(1628, 1682)): 1, maker("Salomon van Ruisdael", life=(1602, 1670)): 1}
    shared = Artists(identify(works), works)
    meant = [one.person.artist.name for one in shared.find(Query.of("Ruisdael", {"birth": ["1628"]})) if one.is_match]
    assert meant == ["Ruisdael"]


def test_years_beside_a_name_tell_namesakes_apart() -> None:
    assert first("Jan Steen", birth="1850") == ("Jan Steen (1850–1900)", True)
    assert first("Jan Steen", death="died in 1679, Leiden") == ("Jan Steen (1626–1679)", True)
    assert not any(one.is_match for one in found("Jan Steen", birth="1750"))
    assert found("Jan Steen", birth="1750")[0].score == 50


def test_years_raise_a_score_where_they_agree_and_halve_it_where_they_contradict() -> None:
    plain, agreeing, against = (
        found("H. Goltzius", **known)[0].score for known in ({}, {"birth": "1558"}, {"birth": "1758"})
    )
    assert (plain, agreeing, against) == (95, 97.5, 47.5)


def test_years_beside_a_name_come_before_those_within_it() -> None:
    assert first("Jan Steen (1626-1679)", birth="1850", death="1900")[0] == "Jan Steen (1850–1900)"


def test_a_number_of_an_authority_says_who_is_meant() -> None:
    assert first("Der Meister", wikidata="Q5598") == ("Rembrandt", True)
    assert not any(one.is_match for one in found("Rembrandt", wikidata="Q1"))
    assert not any(one.is_match for one in found("Der Meister", wikidata="Q5598", birth="1806"))


@pytest.mark.parametrize("name", ["Rembrandt (workshop)", "follower of Rembrandt", "toegeschreven aan Rembrandt"])
def test_another_hand_is_never_the_master(name: str) -> None:
    assert all(one.score <= 50 and not one.is_match for one in found(name))


@pytest.mark.parametrize("name", ["", " ", "anonymous", "?", "Xqzw Vvvv"])
def test_a_name_of_nobody_has_no_candidate(name: str) -> None:
    assert found(name) == []


@given(st.text(max_size=30), st.dictionaries(st.sampled_from(["birth", "death", "wikidata"]), st.text(max_size=8)))
def test_whatever_is_asked_scores_lie_between_0_and_100_and_fall(name: str, known: dict[str, str]) -> None:
    candidates = found(name, **known)
    scores = [one.score for one in candidates]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 100 for score in scores)
    assert sum(one.is_match for one in candidates) <= 1


@pytest.mark.parametrize("maker", WORKS)
def test_what_a_build_merges_by_name_is_found_by_it(maker: Maker) -> None:
    known = {"birth": [str(maker.birth_year or "")], "death": [str(maker.death_year or "")]}
    (meant,) = [one for one in ARTISTS.find(Query.of(maker.name, known)) if one.is_match]
    assert maker in meant.person.artist.makers


def test_sources_choose_the_artists_and_leave_their_names() -> None:
    some = Artists(identify(WORKS), WORKS, ["rijksmuseum"])
    assert [(person.artist.name, person.works) for person in some.people] == [("Rembrandt", 5)]


def test_what_is_typed_is_completed_in_any_order_of_words() -> None:
    assert [person.artist.name for person in ARTISTS.begin("brue j")] == [
        "Jan Brueghel the Elder",
        "Jan Brueghel the Younger",
    ]
    assert [person.artist.name for person in ARTISTS.begin("dür")] == ["Dürer, Albrecht"]
    assert [person.artist.name for person in ARTISTS.begin("dur")] == ["Dürer, Albrecht"]
    assert len(ARTISTS.begin("")) == len(ARTISTS.people)
    assert ARTISTS.begin("zzz") == []
