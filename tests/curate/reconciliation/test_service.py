"""The endpoint over HTTP: as the specification asks, as a client that others wrote reads it, and who gets nothing."""

import json
import signal
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
import reconciler

from curate.cli import main
from curate.reconciliation.service import MAX_BATCH, MAX_BODY, MAX_IDS, MAX_LIMIT
from harvest.console.program import Exit
from tests.curate.conftest import Museum
from tests.curate.reconciliation import schemas
from tests.curate.reconciliation.conftest import Service

CLIENT = "http://127.0.0.1:3333"


def valid(answer: Any, schema: dict[str, Any]) -> Any:
    jsonschema.validate(answer, schema, format_checker=jsonschema.FormatChecker())
    return answer


def test_it_says_what_it_can_and_where(service: Service) -> None:
    manifest = valid(service.get().json(), schemas.MANIFEST)
    assert manifest["versions"] == ["0.1", "0.2"]
    assert manifest["batchSize"] == MAX_BATCH
    assert manifest["defaultTypes"] == [{"id": "artist", "name": "Artist"}]
    assert service.said["artists"] == 5
    for name in ("entity", "property"):
        place = manifest["suggest"][name]
        assert service.session.get(place["service_url"] + place["service_path"] + "?prefix=").status_code == 200


def test_a_batch_is_answered_by_post_and_by_get(service: Service) -> None:
    queries = {
        "a": {"query": "Rembrant"},
        "b": {"query": "Rembrandt", "type": "artist", "limit": 1},
        "c": {"query": "?"},
    }
    answer = valid(service.post(queries=queries).json(), schemas.RESULTS)
    assert list(answer) == ["a", "b", "c"]
    (one,) = answer["a"]["result"]
    assert (one["id"], one["name"], one["match"]) == ("met:1", "Rembrandt", False)
    assert one["description"] == "1606–1669 · 3 works · met, rijksmuseum, stadtmuseum"
    assert answer["b"]["result"][0]["match"]
    assert answer["c"]["result"] == []
    assert service.get(params={"queries": json.dumps(queries)}).json() == answer


def test_no_example_of_a_wrong_answer_is_valid(service: Service) -> None:
    answer = service.post(queries={"a": {"query": "Rembrandt"}}).json()
    del answer["a"]["result"][0]["score"]
    with pytest.raises(jsonschema.ValidationError, match="'score' is a required property"):
        valid(answer, schemas.RESULTS)


def test_properties_sharpen_a_query(service: Service) -> None:
    assert not any(one["match"] for one in service.find("Jan Steen"))
    assert service.find("Jan Steen", birth=1850)[0]["id"] == "wikiart:5"
    assert service.find("Jan Steen", death=["", "1679-02-03"])[0]["match"]
    assert service.find("", ulan={"id": "500011297", "name": "any"})[0]["name"] == "Hendrick Goltzius"
    assert service.find("H. Goltzius", birth=None)[0]["score"] == 95


def test_limits_are_kept(service: Service) -> None:
    asked = {key: {"query": "Jan Steen", "limit": limit} for key, limit in (("one", 1), ("many", 10 * MAX_LIMIT))}
    answer = service.post(queries=asked).json()
    assert [len(answer[key]["result"]) for key in ("one", "many")] == [1, 2]


def test_names_and_properties_are_completed(service: Service) -> None:
    found = valid(service.get("/suggest/entity", params={"prefix": "stee"}).json(), schemas.ENTITIES)["result"]
    assert [one["name"] for one in found] == ["Jan Steen (1626–1679)", "Jan Steen (1850–1900)"]
    assert service.get("/suggest/entity", params={"prefix": "stee", "cursor": "1"}).json()["result"] == found[1:]
    by_id = service.get("/suggest/entity", params={"prefix": "wikiart:6"}).json()["result"]
    assert [one["name"] for one in by_id] == ["Vincent van Gogh"]
    known = valid(service.get("/suggest/property", params={"prefix": "birth"}).json(), schemas.PROPERTIES)["result"]
    assert known == [{"id": "birth", "name": "Year of birth"}]


def test_properties_are_fetched(service: Service) -> None:
    proposed = valid(service.get("/properties", params={"type": "artist"}).json(), schemas.PROPOSAL)["properties"]
    query = {"ids": ["met:1", "rijksmuseum:2", "met:none"], "properties": [{"id": one["id"]} for one in proposed]}
    answer = valid(service.post(extend=query).json(), schemas.EXTENSION)
    rows = answer["rows"]
    assert answer["meta"] == proposed
    assert rows["met:1"] == rows["rijksmuseum:2"]  # two keys of one person
    assert rows["met:1"]["birth"] == [{"int": 1606}]
    assert rows["met:1"]["wikidata"] == [{"str": "Q5598"}]
    assert {"str": "Rijn, Rembrandt van"} in rows["met:1"]["names"]
    assert set(map(len, rows["met:none"].values())) == {0}


def test_an_artist_has_a_page_for_previews(service: Service) -> None:
    manifest = service.get().json()
    page = service.session.get(manifest["preview"]["url"].replace("{{id}}", "met%3A1"), timeout=30)
    assert page.headers["Content-Type"].startswith("text/html")
    for text in ("<h1>Rembrandt</h1>", "1606", "Q5598", "Rijn, Rembrandt van (merged by name)"):
        assert text in page.text
    assert "frame-ancestors http://127.0.0.1:* http://localhost:*" in page.headers["Content-Security-Policy"]
    assert service.get("/artist", params={"id": "nobody"}).status_code == 404


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # the client is older than pandas
def test_a_client_of_others_reconciles_a_column(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    table = pd.DataFrame({"artist": ["Rembrant", "Jan Steen", "Gogh, Vincent van"], "born": ["1606", "1850", "1853"]})
    found = reconciler.reconcile(
        table["artist"],
        type_id="artist",
        property_mapping={"birth": table["born"]},
        reconciliation_endpoint=service.url,
    )
    rows = found.set_index("input_value")[["id", "name", "match", "type_id"]]
    assert rows.loc["Rembrant"].tolist() == ["met:1", "Rembrandt", False, "artist"]
    assert rows.loc["Jan Steen"].tolist() == ["wikiart:5", "Jan Steen (1850–1900)", True, "artist"]
    assert rows.loc["Gogh, Vincent van"].tolist() == ["wikiart:6", "Vincent van Gogh", True, "artist"]


@pytest.mark.parametrize(
    ("form", "status", "told"),
    [
        ({}, 400, "expected a form with 'queries' or 'extend', got neither"),
        ({"queries": []}, 400, "queries: expected a JSON object, got '[]'"),
        ({"queries": {"a": 1}}, 400, "query 'a': expected an object, got 1"),
        ({"queries": {"a": {"query": 1}}}, 400, "query 'a': expected a text of 500 letters at most as query, got 1"),
        ({"queries": {"a": {"query": "x" * 501}}}, 400, "query 'a': expected a text of 500 letters at most"),
        (
            {"queries": {"a": {"query": "x", "limit": 0}}},
            400,
            "query 'a': expected a whole number above 0 as limit, got 0",
        ),
        ({"queries": {"a": {"query": "x", "properties": {}}}}, 400, "query 'a': expected a list of properties, got {}"),
        (
            {"queries": {"a": {"query": "x", "properties": [{"pid": "height", "v": 1}]}}},
            400,
            "query 'a': 'height' is no property: choose of birth, death, wikidata, ulan, rkd, viaf",
        ),
        ({"queries": {"a": {"query": "x", "properties": [[]]}}}, 400, "query 'a': [] is no property"),
        (
            {"queries": {str(number): {"query": "x"} for number in range(MAX_BATCH + 1)}},
            413,
            f"expected {MAX_BATCH} queries at most, got {MAX_BATCH + 1}: ask for fewer",
        ),
        ({"extend": {"ids": ["x"]}}, 400, "extend: expected a list of ids and a list of properties"),
        ({"extend": {"ids": [], "properties": [{"id": []}]}}, 400, "extend: [] is no property: choose of birth"),
        ({"extend": {"ids": ["x"] * (MAX_IDS + 1), "properties": []}}, 413, "extend: expected 1,000 ids at most"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    service: Service, form: dict[str, Any], status: int, told: str
) -> None:
    answer = service.post(**form)
    assert answer.status_code == status
    assert answer.json()["status"] == "error"
    assert answer.json()["message"].startswith(told)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "NaN", '"\ud800'.encode("utf-8", "surrogatepass")])
def test_what_is_no_json_is_told(service: Service, text: str | bytes) -> None:
    answer = service.session.post(service.url, data={"queries": text}, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("queries: expected a JSON object, got ")


def test_a_large_body_is_refused_and_a_cursor_of_letters(service: Service) -> None:
    assert service.session.post(service.url, data={"queries": "x" * MAX_BODY}, timeout=30).status_code == 413
    told = service.get("/suggest/entity", params={"cursor": "x"}).json()["message"]
    assert told == "expected a whole number as cursor, got 'x'"


def test_pages_of_this_machine_may_read_answers_and_no_others(service: Service) -> None:
    for origin in (CLIENT, "http://localhost:3333"):
        answer = service.get(headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        wrong = service.session.post(service.url, data={"queries": "{"}, headers={"Origin": origin}, timeout=30)
        assert wrong.headers["Access-Control-Allow-Origin"] == origin
    asked = {"Origin": CLIENT, "Access-Control-Request-Method": "POST"}
    preflight = service.session.options(service.url, headers=asked, timeout=30)
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (200, CLIENT)
    for origin in ("https://example.org", "null", "http://127.0.0.1.example.org"):
        answer = service.get(headers={"Origin": origin})
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (403, None)
        assert answer.json()["message"] == f"Only pages of this machine are answered, not those of {origin}."


def test_another_name_that_leads_here_gets_nothing(service: Service) -> None:
    port = service.root.rpartition(":")[2]
    for host in (f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{int(port) - 1}"):
        answer = service.get(headers={"Host": host})
        assert answer.status_code == 400
        assert f"not as {host}." in answer.json()["message"]
    assert service.get(headers={"Host": f"localhost:{port}"}).json()["view"]["url"].startswith("http://localhost:")


def test_the_oldest_clients_are_answered_by_jsonp_unless_a_page_elsewhere_asks(service: Service) -> None:
    answer = service.get(params={"callback": "jQuery1.ready"})
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert json.loads(answer.text.removeprefix("/**/jQuery1.ready(").removesuffix(");")) == service.get().json()
    elsewhere = service.get(params={"callback": "f"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    wrong = service.get(params={"callback": "alert(1)//"})
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (400, "application/json")


def ended(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str]:
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    return stop.value.code, capsys.readouterr().err.strip()


def test_a_source_or_type_that_is_not_there_is_told(museums: Museum, capsys: pytest.CaptureFixture[str]) -> None:
    told = "the catalogue holds no artist of source 'louvre': choose of met, rijksmuseum, stadtmuseum, wikiart"
    code, error = ended(capsys, "reconcile", "--data", museums.data, "--source", "louvre")
    assert code == 2
    assert told in error
    code, error = ended(capsys, "reconcile", "--data", museums.data, "--object-type", "vase")
    assert code == 2
    assert "no object of type 'vase'" in error


def test_a_port_that_is_taken_is_told(service: Service, museums: Museum, capsys: pytest.CaptureFixture[str]) -> None:
    port = service.root.rpartition(":")[2]
    code, error = ended(capsys, "reconcile", "--data", museums.data, "--port", port)
    assert code == 2
    assert f"cannot listen at 127.0.0.1:{port}" in error


def test_aliases_are_known_to_it(museums: Museum, tmp_path: Path) -> None:
    table = tmp_path / "aliases.csv"
    table.write_text("alias,artist\nRembrant,Rembrandt\n", encoding="utf-8")
    service = Service(museums.data, "--aliases", str(table))
    try:
        assert service.find("Rembrant")[0]["match"]
    finally:
        assert service.end(signal.SIGTERM) == Exit.TERMINATED
