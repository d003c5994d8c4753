import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from harvest.catalogue.database import open_catalogue
from tests.harvest.conftest import harvest
from tests.museum.server import Museum


def test_options_stand_before_or_behind_the_command(harvested: Path) -> None:
    before = harvest("--data", harvested, "--json", "sql", "fill")
    behind = harvest("sql", "fill", "--data", harvested, "--json")
    assert json.loads(before.stdout) == json.loads(behind.stdout)


def test_what_is_typed_outweighs_the_environment(harvested: Path, tmp_path: Path) -> None:
    env: dict[str, str | None] = {"RAISONNE_DATA": str(tmp_path / "nothing")}
    assert harvest("--data", harvested, "sql", "fill", env=env).exit_code == 0
    assert harvest("sql", "fill", env=env).exit_code == 2
    assert harvest("sql", "fill", env={"RAISONNE_DATA": str(harvested)}).exit_code == 0


def test_the_last_option_typed_counts(harvested: Path, tmp_path: Path) -> None:
    assert harvest("--data", tmp_path, "sql", "fill", "--data", harvested).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["wikiart", "--contact", "nobody"], "expected an e-mail or web address"),
        (["wikiart"], "give --contact you@museum.org, or set RAISONNE_CONTACT"),
        (["wikiart", "--mirror", "https://mirror.example.org"], "give --contact"),
        (["wikiart", "--mirror", "nonsense"], "expected an address such as http://127.0.0.1:8080"),
        (["wikiart", "--mirror", "http://127.0.0.1:99999"], "expected an address such as http://127.0.0.1:8080"),
        (["wikiart", "--mirror", "http://[::1"], "expected an address such as http://127.0.0.1:8080"),
        (["wikiart", "--artist", "../etc", "--contact", "a@b.c"], "such as claude-monet"),
        (["wikiart", "--artist", "", "--contact", "a@b.c"], "such as claude-monet"),
        (["wikiart", "--pace", "wikiart.example=3", "--contact", "a@b.c"], "expected a host of WikiArt's"),
        (["wikiart", "--ignore-robots", "wikiart.example", "--contact", "a@b.c"], "expected a host of WikiArt's"),
        (["wikiart", "--max-minutes", "nan", "--contact", "a@b.c"], "expected a number of minutes"),
        (["wikiart", "--limit", "0"], "0 is not in the range x>=1"),
        (["wikiart", "--nonsense"], "No such option"),
        (["louvre"], "No such command"),
        (["sql", "fill", "--catalogue", "mysql://u:secret@h/n"], "mysql:// is not supported"),
    ],
)
def test_bad_input_is_told_in_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = harvest("--data", tmp_path / "data", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.output
    assert not (tmp_path / "data").exists()


def test_who_asks_is_said_honestly(museum: Museum, tmp_path: Path) -> None:
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--limit", 1, "--contact", "me@museum.org")
    agents = {asked.headers["user-agent"] for asked in museum.asked}
    assert len(agents) == 1
    assert agents.pop().startswith("raisonne/")
    assert all("me@museum.org" in asked.headers["user-agent"] for asked in museum.asked)


def test_the_catalogues_password_is_kept_nowhere(museum: Museum, tmp_path: Path, mariadb) -> None:  # type: ignore[no-untyped-def]
    url = mariadb().replace("root@", "root:@")
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--limit", 1, "--catalogue", url)
    kept = harvest("sql", "SELECT options FROM runs", "--catalogue", url).stdout
    assert "mysql" not in kept
    assert "limit" in kept


def test_a_run_without_a_terminal_prints_no_bar(museum: Museum, tmp_path: Path) -> None:
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    assert result.stderr == ""
    assert result.stdout.splitlines()[0] == "wikiart: complete"


def test_a_run_on_a_terminal_shows_a_bar(museum: Museum, tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-c", "from harvest.cli import main; main()", "wikiart", "--mirror", museum.url]
    termios.tcsetwinsize(follower, (24, 100))
    subprocess.run([*command, "--data", tmp_path], stderr=follower, stdout=subprocess.PIPE, check=True, timeout=60)
    os.close(follower)
    shown = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "10 objects" in shown


def test_a_closed_pipe_is_no_traceback(harvested: Path) -> None:
    command = [sys.executable, "-c", "from harvest.cli import main; main()", "sql", "SELECT * FROM terms"]
    with subprocess.Popen([*command, "--data", harvested], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_the_version_is_told() -> None:
    assert harvest("--version").stdout.startswith("raisonne ")


@pytest.mark.parametrize("command", [["wikiart", "--contact", "me@museum.org"], ["status"]])
def test_a_data_folder_that_cannot_be_is_told_in_one_line(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "file").write_text("not a folder")
    for data in (tmp_path / "file", tmp_path / "file" / "data"):
        result = harvest(*command, "--data", data)
        assert result.exit_code == 2
        assert str(data.name) in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_written_is_told_in_one_line(museum: Museum, tmp_path: Path) -> None:
    (tmp_path / "archive").write_text("in the way")
    result = harvest("wikiart", "--data", tmp_path, "--mirror", museum.url)
    assert result.exit_code == 2
    assert f"cannot use {tmp_path / 'archive'}" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_server_that_goes_away_is_told_in_one_line(museum: Museum, tmp_path: Path, mariadb) -> None:  # type: ignore[no-untyped-def]
    url = mariadb().replace("root@", "root:@")
    harvest("wikiart", "--data", tmp_path, "--mirror", museum.url, "--catalogue", url)
    other = open_catalogue(url)

    def hang_up(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM tasks" in statement and connection.engine is not other:
            driver: Any = connection.connection.driver_connection
            with other.connect() as killer:
                killer.exec_driver_sql(f"KILL {driver.thread_id()}")

    event.listen(Engine, "before_cursor_execute", hang_up)
    try:
        result = harvest("status", "--catalogue", url)
    finally:
        event.remove(Engine, "before_cursor_execute", hang_up)
        other.dispose()
    assert result.exit_code == 2
    assert "harvest: the catalogue failed: " in result.stderr
    assert result.stderr.count("\n") == 1
    assert "SELECT" not in result.stderr
