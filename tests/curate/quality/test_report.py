import base64
import csv
import io
import json

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from curate.quality.findings import Finding, finding
from curate.quality.report import Report, per_cent, text_of, write
from tests.curate.conftest import Museum, jpeg

OBJECTS = pd.DataFrame(columns=["content_id", "source", "source_id", "title", "url"])  # of a catalogue
NOTHING = Finding("grey_pictures", "Grey pictures", 0, 3, "", "")


def a_finding(number: int, name: str = "small_images", url: str = "https://museum.test/{}") -> Finding:
    rows = pd.DataFrame({"content_id": [f"met:{n}" for n in range(number)]})
    return finding(
        name, "Small <images>", rows.assign(url=[url.format(n) for n in range(number)]), ["1 × 1"] * number,
        of=2 * number, meaning="They are small.", advice="Fetch larger ones.", columns=["Source", "Objects"],
        rows=[(f"source {n}", 1000 * n) for n in range(25)],
    )  # fmt: skip


def report(*findings: Finding) -> Report:
    fill = {"source": "met", "object_type": "<b>", "objects": 1234}
    fill |= dict.fromkeys(("title", "artist", "year", "genre", "style", "medium", "rights", "image"), 0.5)
    return Report("raisonne 1", "2026-11-23", {"met": 1234}, None, [fill], list(findings))


def test_a_finding_shows_examples_from_all_over_and_the_first_rows() -> None:
    one = a_finding(95)
    assert len(one.examples) == 10
    assert one.examples[0].content_id == "met:0"
    assert one.examples[-1].content_id == "met:85"
    assert (len(one.rows), one.rows_left_out, one.share) == (20, 5, 0.5)


def test_the_page_is_one_file_with_the_summary_first(museum: Museum) -> None:
    page, *_ = write(report(a_finding(3), a_finding(95, "borders"), NOTHING), OBJECTS, museum.data)
    html = page.read_text()
    soup = BeautifulSoup(html, "html.parser")
    assert [heading.text for heading in soup.find_all("h2")] == [
        "Summary", "How full the fields are", "Small <images>", "Small <images>"
    ]  # fmt: skip
    assert [row.a["href"] for row in soup.find("table").find_all("tr")[1:]] == ["#borders", "#small_images"]
    assert soup.find(id="borders") is not None
    assert not soup.find_all(["script", "link", "img"])
    assert "<b>" not in str(soup.find_all("table")[1].find_all("td")[0].decode_contents())
    assert "Looked for in vain: grey pictures" in " ".join(soup.text.split())
    assert soup.find("meta", attrs={"name": "viewport"}) is not None
    assert soup.find("ul").a["href"].startswith("https://museum.test/")


def test_examples_of_pictures_are_shown_within_the_page_and_lost_ones_are_not(museum: Museum) -> None:
    ids = [museum.add(image=jpeg((400, 300), "red")), museum.add(image=jpeg((400, 300), "blue"))]
    images = [museum.file(one).relative_to(museum.data).as_posix() for one in ids]
    museum.file(ids[1]).unlink()
    rows = pd.DataFrame({"content_id": ids, "url": "https://museum.test/", "image_path": images})
    one = finding("charts", "Charts", rows, ["", ""], of=2, meaning="", advice="", has_pictures=True)
    page, *_ = write(report(one), OBJECTS, museum.data)
    (shown,) = BeautifulSoup(page.read_text(), "html.parser").find_all("img")
    kind, _, content = shown["src"].partition(",")
    assert kind == "data:image/jpeg;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(content)))
    assert picture.size == (160, 120)
    assert picture.getpixel((80, 60)) == pytest.approx((254, 0, 0), abs=3)


def test_an_address_that_is_a_script_is_no_link(museum: Museum) -> None:
    page, *_ = write(report(a_finding(1, url="javascript:alert(1)")), OBJECTS, museum.data)
    assert "javascript" not in page.read_text()


def test_the_json_holds_the_same(museum: Museum) -> None:
    _, values, _ = write(report(a_finding(3)), OBJECTS, museum.data)
    content = json.loads(values.read_text())
    assert content["findings"][0]["number"] == 3
    assert content["findings"][0]["examples"][0] == {
        "content_id": "met:0", "url": "https://museum.test/0", "text": "1 × 1", "image": None
    }  # fmt: skip
    assert content["fill"][0]["objects"] == 1234
    assert content["findings"][0]["objects"] == [], "they stand in objects.csv"


def test_every_doubtful_object_is_a_row_with_all_its_findings(museum: Museum) -> None:
    titles = ["=HYPERLINK(1)", "Anna", None, "Sound"]
    objects = pd.DataFrame({"content_id": [f"met:{key}" for key in ("0", "1", "-2", "3")], "source": "met"}).assign(
        source_id=["0", "1", "-2", "3"], title=titles, url="https://museum.test/"
    )
    (small, grey) = (
        finding(name, name.title(), objects.iloc[rows], texts, of=4, meaning="", advice="")
        for name, rows, texts in (("small", [0, 1], ["1 × 1", "2 × 2"]), ("grey", [0, 2], ["@x", "-"]))
    )
    *_, table = write(report(small, grey), objects, museum.data)
    content = table.read_bytes()
    assert (table.name, content[:3]) == ("objects.csv", b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    page = {"source": "met", "url": "https://museum.test/"}
    assert rows == [
        page | {"source_id": "'-2", "title": "", "findings": "Grey", "details": "Grey: -", "number": "1"},
        page | {"source_id": "0", "title": "'=HYPERLINK(1)", "findings": "Small; Grey", "number": "2"}
        | {"details": "Small: 1 × 1; Grey: @x"},
        page | {"source_id": "1", "title": "Anna", "findings": "Small", "details": "Small: 2 × 2", "number": "1"},
    ]  # fmt: skip


def test_the_text_is_a_short_table() -> None:
    lines = text_of(report(a_finding(3), NOTHING)).splitlines()
    assert lines[2].split() == ["Small", "<images>", "3", "50.0", "%", "met:0:", "1", "×", "1"]
    assert lines[-1] == "None: grey pictures."
    assert text_of(report(NOTHING)) == "nothing is doubtful"


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0.0 %"), (0.0004, "<0.1 %"), (0.001, "0.1 %"), (0.5, "50.0 %"), (1, "100.0 %")]
)
def test_a_share_that_is_not_nothing_is_never_told_as_nothing(share: float, text: str) -> None:
    assert per_cent(share) == text
