"""A IIIF collection, from the command to the catalogue, round after round, with a real image server behind it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import iiif_prezi3
import pytest

from harvest.catalogue.database import open_catalogue
from tests.conftest import ROOT
from tests.harvest.conftest import harvest, rows
from tests.harvest.iiif.conftest import STATIC, ImageServer, Library, home
from tests.harvest.iiif.manifests import (
    HOME,
    IMAGES,
    PAIRS,
    canvas2,
    canvas3,
    collection2,
    collection3,
    manifest2,
    manifest3,
    named2,
    service2,
    service3,
)
from tests.mariadb import NewDatabase
from tests.museum.misbehaviour import Misbehaviour

NAME = ("--name", "stadtbibliothek")
TOP = home("collection.json")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def stocked(library: Library) -> Library:
    """A collection of three manifests of both versions, nested and paged."""
    old, new, book = home("1/manifest.json"), home("2/manifest"), home("3/manifest.json")
    pages = [canvas3(f"{book}/c{n}", label, service3("boat")) for n, label in enumerate(("Einband", "1r", "Farbkarte"))]
    pages[1] = canvas3(f"{book}/c1", "1r", service3("bridge"))
    library.answers |= {
        TOP: collection3(TOP, [("Collection", home("old.json")), ("Manifest", new), ("Manifest", book)]),
        home("old.json"): collection2(home("old.json"), first=home("old/1"), total=1),
        home("old/1"): collection2(home("old/1"), manifests=[], members=[], next=home("old/2")),
        home("old/2"): collection2(home("old/2"), manifests=[named2(old)], collections=[named2(TOP, "Collection")]),
        old: manifest2(old, [canvas2(f"{old}/c", "Bild", service2("bank"))]),
        new: manifest3(new, [canvas3(f"{new}/c", "Bild", service3("boat"))], PAIRS | {"Titel": "Knabe"}),
        book: manifest3(book, pages, PAIRS | {"Objektart": "Handschrift"}),
    }
    return library


def run(library: Library, data: Path, *arguments: object, code: int = 0, url: str = TOP) -> dict[str, Any]:
    result = harvest("--data", data, "--json", "iiif", url, *NAME, "--mirror", library.museum.url, *arguments)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def told(library: Library, data: Path, url: str = TOP, code: int = 3) -> str:
    """The message about what was asked for and could not be had."""
    result = harvest("--data", data, "iiif", url, *NAME, "--mirror", library.museum.url)
    assert result.exit_code == code, result.output
    return result.stderr


def asked(data: Path, statement: str) -> list[tuple[Any, ...]]:
    engine = open_catalogue(f"sqlite:///{data / 'catalogue.sqlite'}")
    try:
        return rows(engine, statement)
    finally:
        engine.dispose()


def changes(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result["counts"][name] for name in ("new", "changed", "unchanged", "gone"))


def first_address(data: Path, number: str = "1") -> str:
    """Where the main picture of a manifest is asked for first."""
    of_object = f"JOIN objects ON object_id = objects.id WHERE source_id LIKE '%/{number}' AND position = 0"
    return str(json.loads(asked(data, f"SELECT candidates FROM images {of_object}")[0][0])[0])


def test_the_manifests_of_these_tests_are_sound(stocked: Library) -> None:
    old = [document for document in stocked.answers.values() if "@type" in document]
    new = [document for document in stocked.answers.values() if "type" in document]
    assert (len(old), len(new)) == (4, 3)
    for document in new:
        (iiif_prezi3.Manifest if document["type"] == "Manifest" else iiif_prezi3.Collection)(**document)
    judge = [sys.executable, "-m", "tests.harvest.iiif.validate"]
    judged = subprocess.run(judge, input=json.dumps(old), text=True, capture_output=True, cwd=ROOT)
    assert judged.returncode == 0, judged.stderr


def test_a_collection_becomes_paintings_with_their_pictures(
    stocked: Library, data: Path, image_server: ImageServer
) -> None:
    first = run(stocked, data)
    assert changes(first) == (3, 0, 0, 0)
    assert (first["finish_reason"], first["counts"]["images"]) == ("complete", 5)
    assert set(first["tasks"]) == {"done"}
    columns = "source, source_id, title, artist, year, medium, genre, style, rights, url"
    assert asked(data, f"SELECT {columns} FROM paintings ORDER BY source_id LIMIT 1") == [
        (
            "stadtbibliothek",
            "library.example.org/1",
            "Mädchen am Fenster",
            "Jörg Müller",
            1861,
            "Öl auf Leinwand",
            "Porträt",
            "Realismus",
            "https://creativecommons.org/publicdomain/zero/1.0/",
            f"{HOME}/1/manifest.json",
        )
    ]
    assert asked(data, "SELECT source_id, object_type FROM objects WHERE object_type != 'painting'") == [
        ("library.example.org/3", "handschrift")
    ]
    shown = asked(
        data,
        "SELECT source_id, images.url, state, width FROM images JOIN objects ON object_id = objects.id "
        "ORDER BY 1, position",
    )
    assert shown == [
        ("library.example.org/1", f"{IMAGES}/2.1_pil/bank", "stored", 224),
        ("library.example.org/2", f"{IMAGES}/3.0_pil/boat", "stored", 224),
        ("library.example.org/3", f"{IMAGES}/3.0_pil/bridge", "stored", 224),  # the page, not the binding
        ("library.example.org/3", f"{IMAGES}/3.0_pil/boat", "stored", 224),
        ("library.example.org/3", f"{IMAGES}/3.0_pil/boat", "stored", 224),
    ]
    fields = json.loads(asked(data, "SELECT fields FROM objects WHERE source_id LIKE '%/2'")[0][0])
    assert fields["Künstler"] == "Müller, Jörg (1840–1926)"
    assert fields["@requiredStatement"] == "Stadtbibliothek"
    assert ("https://library.example.org/robots.txt") in {
        f"https://{one.host}{one.path}" for one in stocked.museum.asked
    }


def test_a_second_round_asks_for_manifests_and_not_for_pictures(stocked: Library, data: Path) -> None:
    run(stocked, data)
    stocked.museum.forget()
    again = run(stocked, data)
    assert changes(again) == (0, 0, 3, 0)
    assert again["counts"]["images"] == 0
    assert not [url for url in stocked.asked if url.startswith(IMAGES)]
    stocked.answers[home("2/manifest")]["metadata"][0]["value"] = {"none": ["Greis"]}
    stocked.answers[home("3/manifest.json")] = 404
    stocked.answers[home("1/manifest.json")]["sequences"][0]["canvases"] = [
        canvas2(home("1/c"), "Bild", service2("boat"))
    ]
    third = run(stocked, data)
    assert changes(third) == (0, 2, 0, 1)  # 1 by its picture, 2 by its title
    assert third["counts"]["images"] == 1
    assert asked(data, "SELECT source_id FROM objects WHERE deleted_at IS NOT NULL") == [("library.example.org/3",)]
    assert asked(data, "SELECT title FROM paintings WHERE source_id LIKE '%/2'") == [("Greis",)]
    assert first_address(data) == f"{IMAGES}/2.1_pil/boat/full/full/0/default.jpg"
    assert harvest("--data", data, "doctor").exit_code == 0


def test_the_mapping_is_kept_edited_and_counts(stocked: Library, data: Path) -> None:
    run(stocked, data)
    kept = data / "sources" / "stadtbibliothek.toml"
    before = kept.read_text()
    assert f'iiif = "{TOP}"' in before
    assert "# artist = ...  # its maker" in before
    kept.write_text(before.replace("# style = ...", 'style = ""').replace("# title = ...", 'title = "@label"'))
    stocked.museum.forget()
    rebuilt = harvest("--data", data, "--json", "reparse", "stadtbibliothek")
    assert json.loads(rebuilt.stdout)["counts"]["changed"] == 3, rebuilt.output
    assert stocked.asked == []
    assert asked(data, "SELECT DISTINCT title, style FROM paintings") == [("Müller, Mädchen am Fenster", None)]
    assert asked(data, "SELECT count(*) FROM images WHERE state = 'stored'") == [(5,)]
    again = run(stocked, data)
    assert (changes(again), again["counts"]["images"]) == ((0, 0, 3, 0), 0)
    kept.write_text(kept.read_text().replace('style = ""', 'style = "Stil"'))
    assert changes(run(stocked, data)) == (0, 3, 0, 0)  # read anew, though no manifest has changed
    assert asked(data, "SELECT DISTINCT title, style FROM paintings") == [("Müller, Mädchen am Fenster", "Realismus")]


def test_status_errors_doctor_and_purge_know_the_source(stocked: Library, data: Path) -> None:
    run(stocked, data, "--no-images")
    assert not [url for url in stocked.asked if url.startswith(IMAGES)]
    status = harvest("--data", data, "status").stdout
    assert f"to go on with stadtbibliothek: harvest iiif {TOP} --name stadtbibliothek" in status
    assert run(stocked, data)["counts"]["images"] == 5
    (lost,) = asked(data, "SELECT path FROM images WHERE url LIKE '%bank'")[0]
    (data / lost).unlink()
    assert "1 finding, 1 repaired" in harvest("--data", data, "doctor", "--repair").stdout
    assert run(stocked, data)["counts"]["images"] == 1
    stocked.answers[home("3/manifest.json")] = 410
    run(stocked, data)
    assert "3 images" in harvest("--data", data, "purge").stdout
    assert harvest("--data", data, "errors").stdout.startswith("nothing has failed")


def test_a_limited_run_brings_the_pictures_of_its_objects(stocked: Library, data: Path) -> None:
    first = run(stocked, data, "--limit", 1)
    assert first["finish_reason"] == "limit"
    stored = "SELECT count(DISTINCT object_id) FROM images WHERE state = 'stored'"
    assert asked(data, "SELECT count(*) FROM objects") == asked(data, stored) == [(first["counts"]["objects"],)]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.0", "full/full/0/native.jpg"),
        ("1.1", "full/full/0/native.jpg"),
        ("2.0", "full/full/0/default.jpg"),
        ("2.1", "full/full/0/default.jpg"),
    ],
)
def test_every_version_of_the_image_interface_is_asked_in_its_words(
    library: Library, data: Path, version: str, expected: str
) -> None:
    url = home("1")
    level = "http://library.stanford.edu/iiif/image-api/compliance.html#level1"
    service = service2("bank", version, **({"profile": level, "@context": "x"} if version < "2" else {}))
    library.answers[url] = manifest2(
        url, [canvas2(f"{url}/c", "Bild", service, file="https://library.example.org/none")]
    )
    assert run(library, data, url=url)["counts"]["images"] == 1
    assert first_address(data) == f"{IMAGES}/{version}_pil/bank/{expected}"


@pytest.mark.parametrize(("service", "side"), [("2.1", 100), ("3.0", 100)])
def test_a_wanted_size_is_asked_for(library: Library, data: Path, service: str, side: int) -> None:
    url = home("1")
    canvas = canvas3(f"{url}/c", "Bild", service3("bank")) if service == "3.0" else None
    library.answers[url] = (
        manifest3(url, [canvas]) if canvas else manifest2(url, [canvas2(f"{url}/c", "Bild", service2("bank"))])
    )
    run(library, data, "--image-size", side, url=url)
    assert asked(data, "SELECT width, height FROM images") == [(side, side)]


def test_a_server_of_files_made_in_advance_is_asked_for_the_largest_of_them(library: Library, data: Path) -> None:
    url = home("1")
    service = service2("bank") | {"@id": f"https://{STATIC}/bank"}
    library.answers[url] = manifest2(url, [canvas2(f"{url}/c", "Bild", service, file=f"https://{STATIC}/none.jpg")])
    run(library, data, url=url)
    assert asked(data, "SELECT state, width, height FROM images") == [("stored", 112, 112)]


def test_a_server_that_caps_is_asked_for_what_it_gives(library: Library, data: Path) -> None:
    url, image = home("1"), f"{IMAGES}/2.1_pil/bank"
    info = {"@context": "http://iiif.io/api/image/2/context.json", "@id": image, "width": 224, "height": 224}
    info |= {
        "protocol": "http://iiif.io/api/image",
        "profile": ["http://iiif.io/api/image/2/level1.json", {"maxWidth": 90}],
    }
    library.answers |= {
        url: manifest2(url, [canvas2(f"{url}/c", "Bild", service2("bank"))]),
        f"{image}/info.json": info,
        f"{image}/full/max/0/default.jpg": 400,
        f"{image}/full/full/0/default.jpg": 400,
    }
    run(library, data, url=url)
    assert asked(data, "SELECT state, width FROM images") == [("stored", 90)]
    assert f"{image}/full/full/0/default.jpg" not in library.asked


def test_without_info_the_file_that_the_canvas_names_is_asked_for(library: Library, data: Path) -> None:
    url = home("1")
    service = service2("bank") | {"@id": f"{IMAGES}/none"}
    file = f"{IMAGES}/2.1_pil/bank/full/full/0/default.jpg"
    library.answers[url] = manifest2(url, [canvas2(f"{url}/c", "Bild", service, file=file)])
    result = run(library, data, url=url)
    assert (result["counts"]["images"], result["counts"]["gone"]) == (1, 1)
    assert asked(data, "SELECT url, state FROM images") == [(file, "stored")]


def test_pictures_behind_a_login_are_counted_as_withheld(stocked: Library, data: Path) -> None:
    url = home("2/manifest")
    stocked.answers[url]["items"] = [canvas3(f"{url}/c", "Bild", service3("boat", "3.0_pil_basic"))]
    stocked.answers[f"{IMAGES}/2.1_pil/bank/info.json"] = 401
    result = run(stocked, data)
    assert result["closed"] == {"iiif.example.org": 2}
    assert (result["finish_reason"], result["counts"]["failed"], result["counts"]["images"]) == ("complete", 0, 3)
    shown = harvest("--data", data, "status").stdout
    assert "2 withheld: iiif.example.org shows it only to whom has logged in: ask the museum for it" in shown
    why = asked(data, "SELECT state, error, message FROM tasks WHERE state = 'withheld' ORDER BY message")
    assert why == [
        ("withheld", "LoginNeeded", f"{IMAGES}/2.1_pil/bank/info.json: status 401: only for whom has logged in"),
        (
            "withheld",
            "LoginNeeded",
            f"{IMAGES}/3.0_pil_basic/boat: its server shows this image only to whom has logged in",
        ),
    ]
    rebuilt = harvest("--data", data, "--json", "reparse", "stadtbibliothek")
    assert (rebuilt.exit_code, json.loads(rebuilt.stdout)["tasks"]["withheld"]) == (0, 2), rebuilt.output


def test_lists_that_never_end_are_read_no_further(library: Library, data: Path) -> None:
    one = home("1/manifest.json")
    library.answers[one] = manifest2(one, [canvas2(f"{one}/c", "Bild", service2("bank"))])
    library.answers[TOP] = collection2(TOP, manifests=[named2(one)], next=home("p/1"))
    for n in range(1, 9):
        following = home(f"p/{n + 1}")
        library.answers[home(f"p/{n}")] = collection2(home(f"p/{n}"), manifests=[named2(one)], next=following)
    result = run(library, data, code=3)
    assert changes(result)[0] == 1
    assert home("p/3") not in library.asked
    assert "the list repeats itself" in harvest("--data", data, "errors").stdout


def test_collections_within_each_other_are_asked_for_once(stocked: Library, data: Path) -> None:
    inner = home("inner.json")
    stocked.answers[TOP] = collection3(TOP, [("Collection", inner), ("Collection", home("old.json"))])
    stocked.answers[inner] = collection3(
        inner, [("Collection", inner), ("Collection", TOP), ("Manifest", home("2/manifest"))]
    )
    assert changes(run(stocked, data)) == (2, 0, 0, 0)
    assert stocked.asked.count(inner) == 1
    assert stocked.asked.count(TOP) == 2  # as what was typed, and as a member


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            "<!DOCTYPE html><html><body>Viewer</body></html>",
            "expected a IIIF manifest or collection, got text/html, 47",
        ),
        ("manifest", "expected JSON, got text/plain, 8 bytes, beginning 'manifest'"),
        (404, f"{TOP}: 404"),
        (500, f"{TOP}: status 500"),
        (
            {"@context": "http://iiif.io/api/image/3/context.json", "id": IMAGES, "type": "ImageService3", "width": 1},
            "got the info.json of an image: give the address of the manifest that shows it",
        ),
        (
            {"@context": "http://iiif.io/api/presentation/9/context.json", "type": "Manifest", "id": TOP},
            "Presentation API 2 or 3, got @context http://iiif.io/api/presentation/9/context.json",
        ),
        (
            {"records": []},
            "expected a manifest or collection of the IIIF Presentation API 2 or 3, got application/ld+json",
        ),
        ([1], "expected a manifest or collection of the IIIF Presentation API 2 or 3, got application/ld+json"),
        (collection3(TOP, []), "expected a collection with manifests or collections in it, got an empty one"),
    ],
)
def test_what_is_no_manifest_is_told_in_one_line(library: Library, data: Path, answer: Any, message: str) -> None:
    library.answers[TOP] = answer
    line = next(line for line in told(library, data).splitlines() if "could not be had" in line)
    assert f"stadtbibliothek: what was asked for, {TOP}, could not be had: " in line
    assert message in line


@pytest.mark.parametrize(
    ("url", "arguments", "message"),
    [
        ("collection.json", NAME, "'collection.json': expected the address of a IIIF collection or manifest, such as"),
        ("https://u:p@x.org/m", NAME, "expected the address of a IIIF collection or manifest"),
        (TOP, ("--name", "met"), "--name met: this is a museum's name, or a command of harvest"),
        (TOP, ("--name", "iiif"), "--name iiif: this is a museum's name, or a command of harvest"),
        (TOP, (), "Missing option '--name'"),
        (TOP, NAME, "give --contact you@museum.org"),
    ],
)
def test_bad_input_is_told_in_one_line(data: Path, url: str, arguments: tuple[str, ...], message: str) -> None:
    result = harvest("--data", data, "iiif", url, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not list(data.glob("sources/*"))


def test_a_table_and_a_collection_do_not_share_a_name(stocked: Library, data: Path, tmp_path: Path) -> None:
    run(stocked, data, "--no-images")
    table = tmp_path / "t.csv"
    table.write_text("Inv.-Nr.;Titel\nA-1;Haus\nA-2;Baum\n")
    refused = harvest("--data", data, "table", table, *NAME)
    assert refused.exit_code == 2
    assert f"--name stadtbibliothek: this is the IIIF collection {TOP}; choose another name" in refused.stderr
    assert harvest("--data", data, "table", table, "--name", "stadtmuseum").exit_code == 0
    refused = harvest("--data", data, "iiif", TOP, "--name", "stadtmuseum", "--mirror", stocked.museum.url)
    assert refused.exit_code == 2
    assert "--name stadtmuseum: this is a table; choose another name for the IIIF collection" in refused.stderr


def test_a_mapping_of_a_table_is_refused(stocked: Library, data: Path, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('number = "Signatur"\n')
    named = ("--mapping", tmp_path / "m.toml", "--mirror", stocked.museum.url)
    refused = harvest("--data", data, "iiif", TOP, *NAME, *named)
    assert refused.exit_code == 2
    assert "m.toml: number: expected what a IIIF collection has, got a line that only tables have" in refused.stderr


def test_it_is_the_same_on_mariadb(mariadb: NewDatabase, stocked: Library, data: Path) -> None:
    url = mariadb()
    first, again = (run(stocked, data, "--catalogue", url) for _ in range(2))
    assert (changes(first), changes(again)) == ((3, 0, 0, 0), (0, 0, 3, 0))
    assert (first["counts"]["images"], again["counts"]["images"]) == (5, 0)
    rebuilt = harvest("--data", data, "--catalogue", url, "--json", "reparse", "stadtbibliothek")
    assert json.loads(rebuilt.stdout)["counts"]["unchanged"] == 3


def test_many_pictures_behind_a_login_are_no_sign_that_the_site_has_changed(library: Library, data: Path) -> None:
    urls = [home(f"{n}/manifest.json") for n in range(60)]
    library.answers[TOP] = collection3(TOP, [("Manifest", url) for url in urls])
    for n, url in enumerate(urls):
        service = service3(f"closed{n}")
        library.answers |= {
            url: manifest3(url, [canvas3(f"{url}/c", "Bild", service)]),
            f"{service['id']}/info.json": 401,
        }
    run(library, data, "--no-images")
    result = run(library, data)
    assert (result["finish_reason"], result["closed"]) == ("complete", {"iiif.example.org": 60})


def test_a_plan_shows_how_the_first_manifests_would_be_read(stocked: Library, data: Path) -> None:
    pairs = stocked.answers[home("1/manifest.json")]["metadata"]
    pairs[2] = {"label": "Datum", "value": "irgendwann"}
    pairs += [{"label": "Provenienz", "value": "Ankauf"}]
    planned = harvest("--data", data, "iiif", TOP, *NAME, "--mirror", stocked.museum.url, "--plan")
    assert planned.exit_code == 0, planned.output
    lines = [" ".join(line.split()) for line in planned.stdout.splitlines()]
    assert lines[0] == "stadtbibliothek: the first 3 manifests"
    assert "artist Künstler 3" in lines
    assert "date Datierung, Datum 2" in lines
    assert "rights @rights, @requiredStatement 3" in lines
    assert "not used: Provenienz" in lines
    assert "library.example.org/1: 'irgendwann'" in lines
    assert any(line.startswith("library.example.org/2 Knabe Jörg Müller c. 1861 Öl auf Leinwand") for line in lines)
    assert not [url for url in stocked.asked if url.startswith(IMAGES)]
    assert not (data / "catalogue.sqlite").exists()
    kept = data / "sources" / "stadtbibliothek.toml"
    kept.write_text(kept.read_text().replace("# artist = ...", 'artist = "Stil"'))
    result = run(stocked, data, "--plan")
    assert result["labels"]["artist"] == {"Stil": 3}
    assert [row["id"] for row in result["rows"]] == [f"library.example.org/{n}" for n in (2, 3, 1)]
    assert [row["picture"] for row in result["rows"]] == [1, 3, 1]


def test_a_plan_of_a_large_collection_looks_at_ten_manifests(library: Library, data: Path) -> None:
    urls = [home(f"{n}/manifest.json") for n in range(30)]
    library.answers[TOP] = collection3(TOP, [("Manifest", url) for url in urls])
    library.answers |= {url: manifest3(url, []) for url in urls} | {urls[1]: 404}
    result = run(library, data, "--plan", code=3)
    assert [row["id"] for row in result["rows"]] == [f"library.example.org/{n}" for n in (0, *range(2, 11))]
    assert result["unread"] == [f"{urls[1]}: 404"]


def test_a_plan_of_what_is_no_collection_is_refused(library: Library, data: Path) -> None:
    library.answers[TOP] = "<html></html>"
    message = told(library, data, code=3)
    planned = harvest("--data", data, "iiif", TOP, *NAME, "--mirror", library.museum.url, "--plan")
    assert planned.exit_code == 2
    assert "this is a page for people; look on it for the manifest's own address" in planned.stderr
    assert "this is a page for people" in message
    assert planned.stderr.count("\n") == 1


def test_pictures_whose_manifest_opts_them_out_are_withheld(stocked: Library, data: Path) -> None:
    said = Misbehaviour("library.example.org/2/manifest$", times=None, headers={"X-Robots-Tag": "noai"})
    stocked.museum.misbehave(said)
    result = run(stocked, data)
    assert (result["opted_out"], result["counts"]["images"]) == ({"iiif.example.org": 1}, 4)
    assert asked(data, "SELECT state, opt_out FROM images WHERE opt_out IS NOT NULL") == [
        ("withheld", "x-robots-tag: noai")
    ]
    assert f"{IMAGES}/3.0_pil/boat/full/max/0/default.jpg" in stocked.asked  # which another manifest shows
    assert harvest("--data", data, "reparse", "stadtbibliothek").exit_code == 0
    assert asked(data, "SELECT state FROM images WHERE opt_out IS NOT NULL") == [("withheld",)]
    stocked.museum.calm()
    again = run(stocked, data)
    assert (again["opted_out"], again["counts"]["images"]) == ({}, 1)
