"""The option --source of several subcommands."""

import pytest
from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from harvest.commands.options import selected
from harvest.errors import BadInput


def test_all_sources_are_selected_unless_one_is_named(catalogue: Engine) -> None:
    assert selected(catalogue, None) == ["wikiart"]
    assert selected(catalogue, "wikiart") == ["wikiart"]


def test_an_unknown_source_is_refused_with_those_there_are(catalogue: Engine) -> None:
    with pytest.raises(BadInput, match="no source 'met': it holds wikiart; run 'harvest SOURCE' first"):
        selected(catalogue, "met")


def test_an_empty_catalogue_has_none(empty_catalogue_url: str) -> None:
    engine = open_catalogue(empty_catalogue_url, create=True)
    assert selected(engine, None) == []
    with pytest.raises(BadInput, match="it holds none"):
        selected(engine, "wikiart")
    engine.dispose()
