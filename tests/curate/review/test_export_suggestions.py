"""Suggestions on their way back: for the museum's own system, as linked data, and for a review in Label Studio."""

import codecs
import csv
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyshacl
import pytest
import rdflib
from PIL import Image
from rdflib import DCTERMS, FOAF, PROV, RDF, Graph, Literal, Namespace, URIRef
from rdflib.plugins.shared.jsonld import context as jsonld_context

from harvest.catalogue.suggestions import Wanted, decide, find
from harvest.console.program import Exit, now
from tests.curate.review.conftest import Gallery

# rdflib's own reader of JSON-LD, and pyshacl, use what rdflib deprecates.
pytestmark = pytest.mark.filterwarnings(r"ignore:(ConjunctiveGraph|Dataset)\b.* deprecated:DeprecationWarning")

HERE = Path(__file__).parent
ANNOTATIONS = "http://www.w3.org/ns/anno.jsonld"
OA = Namespace("http://www.w3.org/ns/oa#")
ODD = 'A "name", <b>&\nof two lines'
MODEL = "0" * 64


@pytest.fixture
def decided(gallery: Gallery) -> dict[str, str]:
    """One suggestion of each status; by what became of it, its object."""
    things = {name: gallery.add(None, title=f"=HYPERLINK({name})") for name in ("accepted", "other", "rejected")}
    things |= {"open": gallery.add(None), "coarser": gallery.add(None), "imageless": gallery.add(None, image=None)}
    things["dated"] = gallery.add(None, source="met", dating=("19th century", 1801, 1900))
    gallery.change("""UPDATE objects SET identifiers = '{"accession": "29.100.1"}' WHERE source = 'met'""")
    answers = [(thing, "artist", (ODD, 0.9), ("B", 0.05)) for name, thing in things.items() if name != "dated"]
    gallery.told("suggest", gallery.predict("p", *answers, (things["dated"], "decade", ("1880", 0.85))))
    gallery.told("accept", "--reviewer", "Eva", "--object", things["accepted"], "--object", things["dated"])
    gallery.told("reject", "--reviewer", "Max", "--object", things["rejected"])
    for answer, value in (("other", "Hodler"), ("coarser", "Swiss school")):
        with gallery.engine.begin() as connection:
            source, _, key = things[answer].partition(":")
            (row,) = find(connection, Wanted(objects=[(source, key)]))
            decide(connection, row, answer, reviewer="Max", at=now(), value=value, note="see the back")
    return things


def written(gallery: Gallery, *arguments: str) -> Path:
    code, out, err = gallery.run("export-suggestions", *arguments, "--json")
    assert code == 0, err
    return Path(json.loads(out)["folder"])


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "suggestions.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def graph_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """Parse annotations, with the Recommendation's context from here."""
    known = json.loads((HERE / "annotation_context.json").read_text())

    def fetch(address: str) -> tuple[dict[str, Any], Any]:
        assert address == ANNOTATIONS
        return known, None

    monkeypatch.setattr(jsonld_context, "source_to_json", fetch)
    return Graph().parse(data=(folder / "annotations.jsonld").read_text(), format="json-ld")


def test_the_museums_table_says_of_each_value_whose_it_is(gallery: Gallery, decided: dict[str, str]) -> None:
    rows = {row["content_id"]: row for row in table(written(gallery, "--format", "csv"))}
    assert set(rows) == {decided[name] for name in ("accepted", "other", "coarser", "dated")}
    columns = ("value", "origin", "suggested", "reviewer", "run", "model_sha256", "probability")
    assert [[rows[decided[name]][column] for column in columns] for name in ("accepted", "other", "coarser")] == [
        [ODD, "machine, accepted", ODD, "Eva", "net", MODEL, "0.9"],
        ["Hodler", "person", ODD, "Max", "net", MODEL, "0.9"],
        ["Swiss school", "person, less precise", ODD, "Max", "net", MODEL, "0.9"],
    ]
    dated = rows[decided["dated"]]
    assert (dated["object_number"], dated["earliest"], dated["latest"]) == ("29.100.1", "1880", "1889")
    assert rows[decided["other"]]["object_number"] == decided["other"].partition(":")[2]
    assert rows[decided["other"]]["note"] == "see the back"


def test_a_spreadsheet_knows_the_tables_encoding(gallery: Gallery, decided: dict[str, str]) -> None:
    gallery.change("UPDATE objects SET title = 'Grün'")
    content = (written(gallery, "--format", "csv") / "suggestions.csv").read_bytes()
    assert content.startswith(codecs.BOM_UTF8 + b"object_number,content_id,")
    assert "Grün".encode() in content


def test_an_object_without_a_page_has_no_link(gallery: Gallery, decided: dict[str, str]) -> None:
    gallery.change("UPDATE objects SET url = 'table:museum/Gm%20283' WHERE source = 'wikiart'")
    rows = {row["content_id"]: row["url"] for row in table(written(gallery, "--format", "csv"))}
    assert (rows[decided["other"]], rows[decided["dated"]]) == ("", "https://met.test/7")
    (task,) = json.loads((written(gallery, "--format", "label-studio") / "tasks.json").read_text())
    assert task["data"]["url"] == ""
    assert "table:museum/Gm%20283" in (written(gallery, "--format", "json-ld") / "annotations.jsonld").read_text(), (
        "a name, not a link"
    )


def test_an_export_can_be_narrowed_and_tried(gallery: Gallery, decided: dict[str, str]) -> None:
    ids = {
        "--decided-by=Eva": {"accepted", "dated"},
        "--reviewer=Max": {"other", "coarser"},
        "--field=decade": {"dated"},
        "--source=met": {"dated"},
        "--status=other": {"other"},
        f"--object={decided['other']}": {"other"},
        "--run=net": {"accepted", "other", "coarser", "dated"},
    }
    for option, names in ids.items():
        rows = table(written(gallery, "--format", "csv", option))
        assert {row["content_id"] for row in rows} == {decided[name] for name in names}, option
    before = sorted((gallery.data / "exports").rglob("*"))
    told = gallery.told("export-suggestions", "--format", "json-ld", "--dry-run")
    assert (told["chosen"], told["written"]) == (
        {"artist accepted": 1, "artist coarser": 1, "artist other": 1, "decade accepted": 1},
        False,
    )
    assert sorted((gallery.data / "exports").rglob("*")) == before


@pytest.mark.parametrize("form", ["csv", "json-ld", "label-studio"])
def test_an_export_again_has_the_same_bytes_and_takes_the_place(
    gallery: Gallery, decided: dict[str, str], form: str
) -> None:
    folder = written(gallery, "--format", form)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "stale").write_text("x")
    assert {path.name: path.read_bytes() for path in written(gallery, "--format", form).iterdir()} == before
    assert sorted(path.name for path in folder.parent.iterdir() if not path.name.startswith(".")) == [folder.name]


def test_texts_that_a_spreadsheet_would_run_are_kept_and_warned_of(gallery: Gallery, decided: dict[str, str]) -> None:
    code, _, err = gallery.run("export-suggestions", "--format", "csv")
    assert code == 0
    assert "2 texts in" in err
    assert "begin with =, +, - or @: a spreadsheet may run them as formulas" in err
    rows = table(gallery.data / "exports/suggestions-csv")
    assert "=HYPERLINK(other)" in {row["title"] for row in rows}


def test_annotations_hold_what_the_recommendation_asks_for(
    gallery: Gallery, decided: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = [f"--status={status}" for status in ("open", "accepted", "other", "coarser")]
    graph = graph_of(written(gallery, "--format", "json-ld", *statuses), monkeypatch)
    assert len(set(graph.subjects(RDF.type, OA.Annotation))) == 6
    holds, _, report = pyshacl.validate(graph, shacl_graph=HERE.joinpath("annotation_shapes.ttl").read_text())
    assert holds, report


def test_the_shapes_notice_what_is_lacking(
    gallery: Gallery, decided: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = graph_of(written(gallery, "--format", "json-ld"), monkeypatch)
    shapes = HERE.joinpath("annotation_shapes.ttl").read_text()
    for lost in (
        OA.hasTarget,
        OA.hasBody,
        RDF.value,
        DCTERMS.created,
        PROV.wasGeneratedBy,
        PROV.endedAtTime,
        FOAF.name,
    ):
        poorer = Graph() + graph
        poorer.remove((None, lost, None))
        assert not pyshacl.validate(poorer, shacl_graph=shapes)[0], lost


def test_annotations_say_who_which_model_when_and_how_sure(
    gallery: Gallery, decided: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = graph_of(written(gallery, "--format", "json-ld"), monkeypatch)

    def of(name: str) -> URIRef:
        key = decided[name].partition(":")[2]
        (claim,) = graph.subjects(OA.hasTarget, URIRef(f"https://wikiart.test/{key}"))
        return claim

    accepted, other = of("accepted"), of("other")
    inference = graph.value(accepted, PROV.wasGeneratedBy)
    model = graph.value(inference, PROV.used)
    assert str(model) == "ni:///sha-256;AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert graph.value(graph.value(accepted, DCTERMS.creator), FOAF.name) == Literal("net")
    review = graph.value(accepted, PROV.wasInfluencedBy)
    assert graph.value(graph.value(review, PROV.wasAssociatedWith), FOAF.name) == Literal("Eva")
    assert graph.value(graph.value(accepted, OA.hasBody), RDF.value) == Literal(ODD)
    assert graph.value(graph.value(other, DCTERMS.creator), FOAF.name) == Literal("Max")
    assert graph.value(graph.value(other, OA.hasBody), RDF.value) == Literal("Hodler")
    assert graph.value(graph.value(other, PROV.wasInfluencedBy), PROV.used) == model, "the machine was asked first"
    schema = Namespace("http://schema.org/")
    sure = graph.value(graph.value(accepted, OA.hasBody), schema.additionalProperty)
    assert graph.value(sure, schema.value) == Literal("0.9", datatype=rdflib.XSD.decimal)


def test_label_studio_gets_what_is_open_with_its_picture(gallery: Gallery, decided: dict[str, str]) -> None:
    code, out, _ = gallery.run("export-suggestions", "--format", "label-studio", "--json")
    assert (code, json.loads(out)["left_out"]) == (0, {"no image": 1})
    folder = gallery.data / "exports/suggestions-label-studio"
    (task,) = json.loads((folder / "tasks.json").read_text())
    path = task["data"]["image"].removeprefix("/data/local-files/?d=")
    assert (gallery.data / path).is_file()
    assert task["data"]["content_id"] == decided["open"]
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == (f"net {MODEL[:12]}", 0.9)
    (result,) = prediction["result"]
    assert (result["from_name"], result["value"]) == ("artist", {"choices": [ODD]})
    view = ElementTree.parse(folder / "labels.xml").getroot()
    assert {choice.get("value") for choice in view.iter("Choice")} == {ODD, "B"}


def test_label_studio_is_shown_a_jpeg_of_what_browsers_do_not_show(gallery: Gallery) -> None:
    scan, plain, broken = gallery.add(None), gallery.add(None), gallery.add(None)
    gallery.told("suggest", gallery.predict("p", *((thing, "artist", ("A", 0.9)) for thing in (scan, plain, broken))))
    for thing, content in ((scan, tiff()), (broken, b"II*\0")):
        file = gallery.file(thing).with_suffix(".tif")
        file.write_bytes(content)
        gallery.show(thing, file)
    told = gallery.told("export-suggestions", "--format", "label-studio")
    assert told["left_out"] == {"an image that cannot be made into one that browsers show": 1}
    tasks = json.loads((Path(told["folder"]) / "tasks.json").read_text())
    images = {task["data"]["content_id"]: task["data"]["image"].partition("?d=")[2] for task in tasks}
    assert images.keys() == {scan, plain}
    assert (gallery.data / images[plain]) == gallery.file(plain)
    with Image.open(gallery.data / images[scan]) as image:
        assert (image.format, image.size) == ("JPEG", (40, 30))


def tiff() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(target, "TIFF")
    return target.getvalue()


@pytest.mark.skipif("LABEL_STUDIO_PYTHON" not in os.environ, reason="make test-label-studio installs its SDK")
def test_label_studios_own_sdk_takes_the_tasks(gallery: Gallery, decided: dict[str, str]) -> None:
    folder = written(gallery, "--format", "label-studio", "--status", "open", "--status", "accepted")
    command = [os.environ["LABEL_STUDIO_PYTHON"], str(HERE / "label_studio.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "3 tasks are valid"), done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--format", "csv", "--run", "net"), "no suggestion is as asked for: ask for others with --status"),
        (("--format", "csv", "--run", "nowhere"), "no suggestion is of the run 'nowhere'"),
        (("--format", "csv", "--decided-by", "Eva"), "'Eva' has decided on no suggestion"),
        (("--format", "label-studio"), "none of the suggestions chosen can be written (no image: 1)"),
        (("--format", "csv", "--object", "7"), "expected SOURCE:ID, as manifests write it, got '7'"),
        (("--format", "xml"), "'xml' is not one of 'csv', 'json-ld', 'label-studio'"),
    ],
)
def test_bad_input_is_told_in_one_line(gallery: Gallery, arguments: tuple[str, ...], told: str) -> None:
    gallery.told("suggest", gallery.predict("p", (gallery.add(None, image=None), "artist", ("A", 0.9))))
    code, out, err = gallery.run("export-suggestions", *arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert told in " ".join(err.split())


def test_what_is_no_export_is_not_overwritten(gallery: Gallery, decided: dict[str, str]) -> None:
    mine = gallery.data / "exports/suggestions-csv/mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("x")
    code, _, err = gallery.run("export-suggestions", "--format", "csv")
    assert (code, "stands in the way and is no export" in err, mine.read_text()) == (Exit.USAGE, True, "x")
