from curate.quality import words
from curate.quality.catalogue import read
from curate.quality.findings import Finding
from tests.curate.conftest import Museum


def found(museum: Museum, name: str) -> Finding:
    return next(one for one in words.findings(read(museum.paintings()).objects) if one.name == name)


def test_words_that_no_table_knows_are_counted_with_what_they_are_like(museum: Museum) -> None:
    museum.add(genre="portriat", medium=("oil", "unobtainium"))
    museum.add(genre="portriat", style="Miserablism")
    museum.add()
    finding = found(museum, "unknown_values")
    assert finding.number == 2
    assert finding.rows == [
        ["genre", "portriat", 2, "portrait"], ["style", "Miserablism", 1, ""], ["medium", "unobtainium", 1, ""]
    ]  # fmt: skip
    assert [example.text for example in finding.examples] == [
        "genre portriat; medium unobtainium", "genre portriat; style Miserablism"
    ]  # fmt: skip


def test_a_label_that_no_source_names_hinders_nothing(museum: Museum) -> None:
    museum.add(genre="portriat", style=None)
    assert found(museum, "unknown_values").number == 1


def test_where_all_words_are_known_nothing_is_found(museum: Museum) -> None:
    museum.add()
    museum.add(genre=None, style=None, medium=())
    assert found(museum, "unknown_values").number == found(museum, "spellings_of_media").number == 0


def test_media_that_differ_only_in_spelling_are_found(museum: Museum) -> None:
    for text in ("Oil on canvas", "Oil on canvas", "oil on Canvas", "canvas, oil", "oil on panel"):
        museum.add(medium=(text,))
    finding = found(museum, "spellings_of_media")
    assert finding.rows == [["oil, canvas", 3, 4, "Oil on canvas (2); canvas, oil (1); oil on Canvas (1)"]]
    assert {example.text for example in finding.examples} == {"oil on Canvas", "canvas, oil"}
    assert (finding.number, finding.of) == (2, 5)
