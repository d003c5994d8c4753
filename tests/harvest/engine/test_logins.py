"""What a host shows only to whom has logged in: withheld, where a source says that this may be."""

from pathlib import Path
from typing import Any

import pytest

from harvest.engine.scheduler import Limits
from tests.harvest.scripted import ScriptedMuseum, adds, asks, scripted_museum, tells

KIND = {"MAY_NEED_LOGIN": ("more",), "NEVER_REFRESHED": ("more",), "ONLY_FOR_IMAGES": ("more",)}


def listed(number: int) -> dict[str, Any]:
    """A list of objects, each with a further answer that is behind a login; without it, another would be asked for."""
    pages = {
        f"/page/{n}": [
            tells(f"{n}", images=None),
            asks(f"/more/{n}", "more", key=f"{n}", fallback=asks(f"/open/{n}", "more", key=f"open {n}")),
        ]
        for n in range(number)
    }
    more = {f"/more/{n}": 401 for n in range(number)} | {f"/open/{n}": [adds(f"{n}")] for n in range(number)}
    return {"/list": [asks(path) for path in pages], **pages, **more}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'c.sqlite'}"


def states(museum: ScriptedMuseum) -> list[tuple[Any, ...]]:
    return museum.ask(
        "SELECT state, error, status, attempts, count(*) FROM tasks WHERE kind = 'more' GROUP BY 1, 2, 3, 4"
    )


def test_a_status_that_asks_for_a_login_is_withheld_at_once_and_leads_to_no_other_answer(
    tmp_path: Path, url: str
) -> None:
    with scripted_museum(tmp_path / "data", url, listed(2), **KIND) as museum:
        outcome = museum.harvest()
        assert (outcome.finish_reason, outcome.counts["withheld"], outcome.counts["failed"]) == ("complete", 2, 0)
        assert states(museum) == [("withheld", "LoginNeeded", 401, 1, 2)]
        (message,) = museum.ask("SELECT message FROM tasks WHERE `key` = '1' AND kind = 'more'")[0]
        assert message == "https://box.example.org/more/1: status 401: only for whom has logged in"
        assert not [path for path in museum.asked if path.startswith("/open/")]
        museum.harvest()
        assert museum.asked == ["/list", "/page/0", "/page/1"]  # none behind the login


def test_many_such_in_a_row_are_no_sign_that_the_site_has_changed(tmp_path: Path, url: str) -> None:
    with scripted_museum(tmp_path / "data", url, listed(60), **KIND) as museum:
        museum.harvest(Limits(images=False))
        assert museum.harvest().finish_reason == "complete"
        assert states(museum) == [("withheld", "LoginNeeded", 401, 1, 60)]


def test_where_a_source_does_not_say_so_it_is_a_failure(tmp_path: Path, url: str) -> None:
    with scripted_museum(tmp_path / "data", url, listed(1)) as museum:
        museum.harvest()
        assert ("failed", "BadAnswer", 401, 3, 1) in states(museum)
