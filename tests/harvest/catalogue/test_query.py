import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from harvest.catalogue.query import named_queries
from tests.harvest.conftest import harvest, rows
from tests.museum.server import Museum

WRITING = [
    "DELETE FROM objects",
    "WITH x AS (SELECT 1) DELETE FROM objects",
    "/* SELECT */ UPDATE objects SET title = 'x'",
    "SELECT 1; DELETE FROM objects",
    "DROP TABLE objects",
    "CREATE TABLE other (a INT)",
    "PRAGMA journal_mode = DELETE",
    "ATTACH 'other.sqlite' AS other",
    "VACUUM INTO 'other.sqlite'",
    "SELECT 1 INTO OUTFILE 'other'",
    "SET GLOBAL read_only = 0",
    "/*! CREATE OR REPLACE TABLE tasks AS */ SELECT 'all gone' AS a",
    "/*M! SET GLOBAL max_connections = */ (SELECT 77)",
    "SELECT 1 AS a, 2 AS a",
    "",
]


@pytest.mark.parametrize("statement", WRITING)
def test_nothing_can_be_written(harvested: Path, catalogue: Engine, statement: str) -> None:
    result = harvest("sql", statement, "--data", harvested)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert rows(catalogue, "SELECT COUNT(*) FROM objects") == [(36,)]
    assert not list(harvested.glob("other*"))


def test_nothing_can_be_written_on_mysql_either(museum: Museum, tmp_path: Path, mariadb) -> None:  # type: ignore[no-untyped-def]
    url = mariadb()
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--catalogue", url, "--limit", 2)
    for statement in WRITING:
        assert harvest("sql", statement, "--catalogue", url).exit_code == 2
    for question in (*named_queries(), "SELECT title FROM paintings WHERE title LIKE '%e%'", "SHOW TABLES"):
        result = harvest("sql", question, "--catalogue", url, "--json")
        assert result.exit_code == 0, result.output
    counted = harvest("sql", "SELECT COUNT(*) AS n FROM objects", "--catalogue", url, "--json")
    assert json.loads(counted.stdout)["rows"] == [{"n": 2}]


@pytest.mark.parametrize("name", named_queries())
def test_every_named_query_answers(harvested: Path, name: str) -> None:
    result = harvest("sql", name, "--data", harvested, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["columns"]


def test_the_names_are_listed_with_their_questions(harvested: Path) -> None:
    listed = harvest("sql", "--data", harvested).stdout
    for name, query in named_queries().items():
        assert query.startswith("-- ")
        assert name in listed


def test_a_question_is_answered_as_table_csv_and_json(harvested: Path) -> None:
    question = "SELECT 'a, b' AS text, NULL AS absent, 3 AS number"
    assert harvest("sql", question, "--data", harvested).stdout == (
        "text  absent  number\n----  ------  ------\na, b          3\n"
    )
    assert harvest("sql", question, "--data", harvested, "--csv").stdout == 'text,absent,number\n"a, b",,3\n'
    assert json.loads(harvest("sql", question, "--data", harvested, "--json").stdout) == {
        "columns": ["text", "absent", "number"],
        "rows": [{"text": "a, b", "absent": None, "number": 3}],
    }


def test_percent_and_colon_are_only_text(harvested: Path) -> None:
    result = harvest("sql", "SELECT ':x %s' AS t FROM objects WHERE title LIKE '%' LIMIT 1", "--data", harvested)
    assert ":x %s" in result.stdout


def test_without_a_catalogue_the_way_is_told(tmp_path: Path) -> None:
    result = harvest("sql", "fill", "--data", tmp_path / "nothing")
    assert result.exit_code == 2
    assert "run 'harvest SOURCE' first" in result.stderr
    assert not (tmp_path / "nothing").exists()


def test_a_wrong_query_is_told_in_one_line(harvested: Path) -> None:
    result = harvest("sql", "SELECT colour FROM paintings", "--data", harvested)
    assert result.exit_code == 2
    assert result.stderr == "harvest: the catalogue refuses the query: no such column: colour\n"


def test_numbers_are_numbers_on_every_engine(museum: Museum, tmp_path: Path, empty_catalogue_url: str) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--catalogue", empty_catalogue_url, "--limit", 2)
    question = "SELECT SUM(source = 'wikiart') AS whole, SUM(1.5) AS broken FROM objects"
    answer = json.loads(harvest("sql", question, "--catalogue", empty_catalogue_url, "--json").stdout)
    assert answer["rows"] == [{"whole": 2, "broken": 3}]
