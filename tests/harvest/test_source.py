"""What a museum's module states: its scope, paces and facts."""

from types import ModuleType
from typing import Any

import pytest

from harvest.request import Request
from harvest.source import (
    KEYED,
    KeyedApi,
    Option,
    Scope,
    Selection,
    fact,
    has_keyed_api,
    has_table,
    name_of,
    paces,
    scope_of,
    sources,
)

API = KeyedApi("https://x/api/", "https://x/login", {"code": "access code"}, "session", "keys_file", 9.0)


def a_source(*scopes: str | None, **facts: Any) -> Any:
    """A source that starts with a request for each scope."""
    source = ModuleType("harvest.sources.box")
    source.__dict__.update({"PACE": {"x": 1.0}, "start": lambda _selection: requests(*scopes)} | facts)
    return source


def requests(*scopes: str | None) -> list[Request]:
    return [Request("list", f"https://x/{number}", scope=scope) for number, scope in enumerate(scopes)]


@pytest.mark.parametrize(
    ("scopes", "of_run"), [((None,), None), (("a", None), None), (("a", "b", "a"), {"a", "b"}), ((), set())]
)
def test_a_scope_is_that_of_the_first_requests(scopes: tuple[str | None, ...], of_run: set[str] | None) -> None:
    assert scope_of(a_source(*scopes), Selection()).scopes == of_run


def test_a_source_may_say_its_scope_itself() -> None:
    source = a_source(None, scope=lambda selection: Scope({"a"}, least_works=selection.options.get("min_works")))
    assert scope_of(source, Selection({"min_works": 5})) == Scope({"a"}, least_works=5)
    assert scope_of(a_source(None), Selection({"min_works": 5})) == Scope()


def test_a_keyed_api_is_asked_only_with_keys() -> None:
    source = a_source(None, KEYED_API=API)
    assert scope_of(source, Selection({"keys_file": "keys"})).is_metered
    assert not scope_of(source, Selection({"keys_file": None})).is_metered
    assert not scope_of(a_source(None), Selection({"keys_file": "keys"})).is_metered
    assert has_keyed_api(source)
    assert not has_keyed_api(a_source())


def test_the_pace_of_a_keyed_api_stands_beside_those_of_the_hosts() -> None:
    assert paces(a_source(KEYED_API=API)) == {"x": 1.0, KEYED: 9.0}
    assert paces(a_source()) == {"x": 1.0}


def test_a_fact_is_the_sources_own_or_the_default() -> None:
    assert fact(a_source(COUNTS=("list",)), "COUNTS") == ("list",)
    assert fact(a_source(), "COUNTS") == ()
    with pytest.raises(KeyError):
        fact(a_source(), "NONSENSE")


def test_sources_are_found_by_their_file_names() -> None:
    found = sources()
    assert {"met", "rijksmuseum", "wikiart"} <= found.keys()
    assert all(name_of(source) == name for name, source in found.items())
    assert has_table(found["met"])
    assert not has_table(found["wikiart"])


def test_an_option_is_known_by_its_name_without_dashes() -> None:
    assert Option("--image-size", "pixels").name == "image_size"
