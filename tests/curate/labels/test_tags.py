from sqlalchemy import select, update

from curate.labels.tags import tag
from curate.labels.vocabulary import SUBJECT
from harvest.catalogue.schema import objects, terms
from tests.curate.conftest import Museum


def tags_of(museum: Museum) -> set[tuple[str, str, str, int]]:
    with museum.engine.connect() as connection:
        question = select(objects.c.source_id, terms.c.field, terms.c.text, terms.c.position).where(
            terms.c.object_id == objects.c.id, terms.c.origin == "text"
        )
        return {tuple(row) for row in connection.execute(question)}


def describe(museum: Museum, description: object) -> None:
    with museum.engine.begin() as connection:
        connection.execute(update(objects).values(fields={"description": description}))


def test_words_of_titles_and_descriptions_become_tags(museum: Museum) -> None:
    museum.add(title="Portrait of a girl", genre=None)
    describe(museum, [{"en": "Oil on canvas, Impressionism."}, {"id": "https://x/portrait", "label": "A horse"}])
    tagged = tag(museum.engine)
    assert tags_of(museum) == {
        ("1", "text genre", "portrait", 0),
        ("1", "text style", "Impressionism", 0),
        ("1", "text medium", "oil", 0),
        ("1", "text medium", "canvas", 1),
        ("1", "text subject", "Girls", 0),
        ("1", "text subject", "Horses", 1),
    }
    assert (tagged.objects, tagged.changed) == (1, 1)
    assert tagged.found == {"genre": 1, "style": 1, "medium": 1, SUBJECT: 1}
    assert tagged.new == {"genre": 1, SUBJECT: 1}  # the source names a style and a medium


def test_tagging_again_changes_nothing_and_a_new_title_is_read_anew(museum: Museum) -> None:
    museum.add(title="A portrait")
    museum.add(title="Nothing")
    tag(museum.engine)
    before = tags_of(museum)
    assert tag(museum.engine).changed == 0
    assert tags_of(museum) == before == {("1", "text genre", "portrait", 0)}
    with museum.engine.begin() as connection:
        connection.execute(update(objects).where(objects.c.source_id == "1").values(title="A landscape"))
    assert tag(museum.engine).changed == 1
    assert tags_of(museum) == {("1", "text genre", "landscape", 0)}


def test_a_dry_run_writes_nothing(museum: Museum) -> None:
    museum.add(title="A portrait")
    assert tag(museum.engine, dry_run=True).changed == 1
    assert tags_of(museum) == set()


def test_only_the_types_that_are_asked_for_are_tagged(museum: Museum) -> None:
    museum.add(title="A portrait", object_type="print")
    assert tag(museum.engine).objects == 0
    assert tag(museum.engine, ["print"]).objects == 1
    assert tag(museum.engine, None).objects == 1
