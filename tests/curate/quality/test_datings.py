from curate.quality import datings
from curate.quality.catalogue import Catalogue, fill, read
from curate.quality.findings import Finding
from tests.curate.conftest import Museum

THIS_YEAR = 2026


def read_all(museum: Museum) -> Catalogue:
    return read(museum.paintings())


def found(museum: Museum, name: str) -> Finding:
    return next(one for one in datings.findings(read_all(museum), THIS_YEAR) if one.name == name)


def test_datings_without_a_year_are_counted_by_their_likes(museum: Museum) -> None:
    for text in ("about 18th hour", "about 19th hour", "undated"):
        museum.add(dating=(text, None, None))
    museum.add()
    museum.add(dating=(None, None, None))
    finding = found(museum, "unparsed_datings")
    assert (finding.number, finding.of) == (3, 4)
    assert finding.rows == [["about 18th hour", 2], ["undated", 1]]
    example = finding.examples[-1]
    assert (example.content_id, example.url, example.text) == ("wikiart:3", "https://wikiart.test/3", "undated")


def test_reversed_datings_and_years_to_come_are_found(museum: Museum) -> None:
    museum.add(dating=("1890–1880", 1890, 1880))
    museum.add(dating=(None, 2027, 2027))
    museum.add(dating=("2026", 2026, 2026))
    assert [example.text for example in found(museum, "reversed_datings").examples] == ["1890–1880"]
    assert [example.text for example in found(museum, "outlying_years").examples] == ["2027–2027: later than 2026"]


def test_a_year_far_from_the_artists_other_works_is_an_outlier(museum: Museum) -> None:
    for year in (1874, 1875, 1876, 1877, 1784):
        museum.add("Claude Monet", dating=(str(year), year, year))
    for year in (1874, 1875, 1784):
        museum.add("Few Works", dating=(str(year), year, year))
    finding = found(museum, "outlying_years")
    assert [(example.content_id, example.text) for example in finding.examples] == [
        ("wikiart:5", "1784: other works of Claude Monet are of 1875")
    ]
    assert finding.rows == [["still to come", 0], ["far from the artist's other works", 1]]


def test_a_span_is_an_outlier_only_where_all_its_years_are(museum: Museum) -> None:
    for year in (1911, 1915, 1916, 1917, 1919):
        museum.add("Amedeo Modigliani", dating=(str(year), year, year), life=(1884, 1920))
    for dating in (("20. Jh.", 1901, 2000), ("19.–20. Jh.", 1801, 2000), ("after 1850", 1850, None)):
        museum.add("Amedeo Modigliani", dating=dating, life=(1884, 1920))
    for dating in (("18. Jh.", 1701, 1800), ("after 1997", 1997, None), ("before 1835", None, 1835)):
        museum.add("Amedeo Modigliani", dating=dating, life=(1884, 1920))
    museum.add("Amedeo Modigliani", dating=("about 1835", 1835, 1835), is_circa=True)  # its last year may be 1840
    finding = found(museum, "outlying_years")
    assert [text for _, text in finding.objects] == [
        f"{dating}: other works of Amedeo Modigliani are of 1916" for dating in ("after 1997", "before 1835", "18. Jh.")
    ]
    assert finding.of == 12


def test_broad_spans_do_not_move_the_middle_of_an_artists_works(museum: Museum) -> None:
    for year in (1911, 1915, 1916, 1917, 1919):
        museum.add("Amedeo Modigliani", dating=(str(year), year, year))
    for _ in range(9):
        museum.add("Amedeo Modigliani", dating=("20. Jh.", 1901, 2000))
        museum.add("Never dated closely", dating=("20. Jh.", 1901, 2000))
    museum.add("Never dated closely", dating=("1790", 1790, 1790))
    assert found(museum, "outlying_years").number == 0


def test_a_century_and_a_decade_that_last_are_not_to_come(museum: Museum) -> None:
    for dating in (("21. Jh.", 2001, 2100), ("2020s", 2020, 2029), ("by 2030", None, 2030)):
        museum.add(dating=dating)
    for dating in (("2030s", 2030, 2039), ("after 2030", 2030, None)):
        museum.add(dating=dating)
    finding = found(museum, "outlying_years")
    assert [text for _, text in finding.objects] == ["2030s: later than 2026", "after 2030: later than 2026"]


def test_many_works_of_one_recent_year_look_like_digitisation(museum: Museum) -> None:
    for _ in range(6):
        museum.add("Anker Albert", dating=("2006", 2006, 2006), life=(1831, 1910))
    museum.add("Young", dating=("2005", 2005, 2005))
    for year in range(2010, 2021):  # as many in each year are no spike
        for _ in range(6):
            museum.add("Busy", source="met", dating=(str(year), year, year))
    finding = found(museum, "digitisation_years")
    assert finding.rows == [["wikiart", "2006", 6, "0.1", 6]]
    assert (finding.number, finding.of) == (6, 73)


def test_without_a_single_year_nothing_looks_like_digitisation(museum: Museum) -> None:
    museum.add(dating=(None, None, None))
    finding = found(museum, "digitisation_years")
    assert (finding.number, finding.of) == (0, 0)


def test_many_works_of_an_old_year_do_not(museum: Museum) -> None:
    for _ in range(20):
        museum.add(dating=("1874", 1874, 1874))
    assert found(museum, "digitisation_years").number == 0


def test_many_works_of_a_decade_name_no_year_of_a_scan(museum: Museum) -> None:
    for _ in range(9):
        museum.add("Ended early", dating=("1990s", 1990, 1999), life=(1920, 1993))
    assert found(museum, "digitisation_years").number == 0


def test_a_span_is_outside_a_life_only_where_all_its_years_are(museum: Museum) -> None:
    inside = (
        ("20. Jh.", 1901, 2000), ("19. Jh.", 1801, 1900), ("1920s", 1920, 1929), ("before 1990", None, 1990),
        ("after 1850", 1850, None),
    )  # fmt: skip
    outside = (("18. Jh.", 1701, 1800), ("1930s", 1930, 1939), ("before 1880", None, 1880), ("after 1930", 1930, None))
    for dating in (*inside, *outside):
        museum.add("Amedeo Modigliani", dating=dating, life=(1884, 1920))
    for year in (1878, 1879, 1926, 1927):
        museum.add("Amedeo Modigliani", dating=(f"about {year}", year, year), is_circa=True, life=(1884, 1920))
    finding = found(museum, "outside_lives")
    assert sorted(text.partition(":")[0] for _, text in finding.objects) == sorted(
        [*(text for text, _, _ in outside), "about 1878", "about 1927"]
    )
    assert finding.of == 13
    assert finding.rows == [["before the birth", 3], ["after the death", 3]]


def test_works_before_the_birth_and_after_the_death_are_found(museum: Museum) -> None:
    for year in (1830, 1831, 1910, 1911, 1912):
        museum.add("Anker Albert", dating=(str(year), year, year), life=(1831, 1910))
    museum.add("Nobody knows", dating=("1500", 1500, 1500))
    finding = found(museum, "outside_lives")
    assert [example.text for example in finding.examples] == [
        "1830: Anker Albert (1831–1910)", "1912: Anker Albert (1831–1910)"
    ]  # fmt: skip
    assert (finding.number, finding.of) == (2, 5)
    assert finding.rows == [["before the birth", 1], ["after the death", 1]]


def test_fill_is_told_by_source_and_type_and_rare_types_together(museum: Museum) -> None:
    museum.add(genre=None)
    museum.add()
    museum.add(source="met", title=None, image=None)
    rows = fill(read_all(museum))
    assert [(row["source"], row["object_type"], row["objects"]) for row in rows] == [
        ("met", "painting", 1), ("wikiart", "painting", 2)
    ]  # fmt: skip
    assert [(row["genre"], row["title"], row["image"]) for row in rows] == [(1.0, 0.0, 0.0), (0.5, 1.0, 1.0)]
    assert [row["object_type"] for row in fill(read_all(museum), 1)] == ["others", "painting"]
