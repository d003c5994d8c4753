from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from curate.quality import images
from curate.quality.catalogue import read
from curate.quality.findings import Finding
from harvest.catalogue import schema
from harvest.catalogue.paintings import lost_images
from tests.curate.conftest import Museum, jpeg


def found(museum: Museum, name: str, min_side: int = 300) -> Finding:
    return next(one for one in images.findings(read(museum.paintings()).objects, min_side) if one.name == name)


def test_images_under_a_size_are_found_by_what_the_catalogue_says(museum: Museum) -> None:
    for size in ((299, 900), (300, 300), (900, 20), None):
        museum.add(size=size)
    finding = found(museum, "small_images")
    assert [example.text for example in finding.examples] == ["299 × 900", "900 × 20"]
    assert (finding.number, finding.of, finding.rows) == (2, 3, [["wikiart", 2]])
    assert found(museum, "small_images", 20).number == 0


def test_a_file_that_many_objects_show_is_found(museum: Museum) -> None:
    placeholder = jpeg(colour="white")
    for _ in range(3):
        museum.add(image=placeholder)
    for _ in range(2):
        museum.add(image=jpeg(colour="blue"))
    finding = found(museum, "shared_files")
    assert (finding.number, [row[2] for row in finding.rows]) == (3, [3])


def test_works_of_two_museums_are_found_by_their_files_and_records(museum: Museum) -> None:
    museum.add("Anker Albert", title="The Walk", image=jpeg(colour="blue"))
    museum.add("Anker Albert", title="the walk!", source="met")
    museum.add("Anker Albert", title="The Walk", source="met", dating=("1900", 1900, 1900), image=jpeg(colour="blue"))
    museum.add("Anker Albert", title="The Walk", dating=("1910", 1910, 1910))
    museum.add("Anker Albert", title="The Walk", dating=("1910", 1910, 1910))  # of one museum
    files, records = found(museum, "same_files"), found(museum, "same_records")
    assert [example.text for example in files.examples] == ["met:3 = wikiart:1"] * 2
    assert [example.text for example in records.examples] == ["met:2 = wikiart:1"] * 2
    assert files.rows == records.rows == [["met and wikiart", 1]]


def test_objects_whose_image_could_not_be_had_are_found_under_what_became_of_it(museum: Museum) -> None:
    museum.add(source="stadt")
    failed, withheld = museum.add(source="stadt"), museum.add(source="met")
    museum.add(image=None)  # the source names none
    too_large = "A-12.tif: 300000000 pixels, more than 250000000"
    with museum.engine.begin() as connection:
        for content_id, state in ((failed, "failed"), (withheld, "withheld")):
            key = select(schema.objects.c.id).where(schema.objects.c.source_id == content_id.partition(":")[2])
            image = update(schema.images).where(schema.images.c.object_id == key.scalar_subquery())
            connection.execute(image.values(state=state, path=None))
        row = {"source": "stadt", "kind": "image", "key": f"{failed.partition(':')[2]}#0", "url": "x", "context": {}}
        row |= {"lane": "images", "depth": 1, "priority": 0, "state": "failed", "attempts": 1, "message": too_large}
        connection.execute(insert(schema.tasks).values(**row, first_at=datetime(2026, 11, 23, tzinfo=UTC)))
        lost = list(lost_images(connection))
    found = images.without_a_file(read(museum.paintings()).objects, lost)
    assert dict(found.objects) == {
        failed: f"could not be had or read: {too_large}",
        withheld: "not given freely, or not to machines",
    }
    assert sorted(found.rows) == [
        ["met", "not given freely, or not to machines", 1], ["stadt", "could not be had or read", 1]
    ]  # fmt: skip
