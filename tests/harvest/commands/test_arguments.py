"""What is typed behind `harvest SOURCE`, and the option --source of other subcommands."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from sqlalchemy import Engine

from harvest.catalogue.database import open_catalogue
from harvest.commands.arguments import Order, options_of, selected
from harvest.errors import BadInput
from harvest.http.throttle import DEFAULT_PACE
from harvest.source import Source, sources

MET, RIJKSMUSEUM, WIKIART = (sources()[name] for name in ("met", "rijksmuseum", "wikiart"))


def typed(source: Source, *arguments: object) -> Mapping[str, Any]:
    command = click.Command("x", params=options_of(source))
    return command.make_context("x", [str(argument) for argument in arguments]).params


def order(source: Source, *arguments: object) -> Order:
    return Order.of(source, typed(source, *arguments))


def test_a_source_has_its_own_options_and_those_of_all() -> None:
    names = {name: {str(option.name) for option in options_of(source)} for name, source in sources().items()}
    common = names["met"] & names["rijksmuseum"] & names["wikiart"]
    assert common == {"limit", "no_images", "dry_run", "smoke", "max_requests", "max_minutes"} | {
        *("from_manifest", "pace", "ignore_robots", "ignore_opt_outs", "mirror", "contact")
    }
    assert {"csv", "department", "all_objects", "wikidata"} == names["met"] - common


def test_the_selection_holds_only_the_sources_own_options() -> None:
    options = order(MET, "--department", "Asian Art", "--limit", 3, "--contact", "a@b.c").selection.options
    assert options == {"csv": None, "department": ("Asian Art",), "all_objects": False, "wikidata": None}


def test_a_host_is_asked_no_faster_than_the_source_allows() -> None:
    slower = order(WIKIART, "--contact", "a@b.c", "--pace", "www.wikiart.org=5")
    faster = order(WIKIART, "--contact", "a@b.c", "--pace", "www.wikiart.org=0.1")
    assert slower.throttle.pace["www.wikiart.org"] == 5
    assert faster.throttle.pace["www.wikiart.org"] == WIKIART.PACE["www.wikiart.org"]
    assert faster.throttle.default == DEFAULT_PACE


def test_a_mirror_on_this_machine_has_no_pace_and_needs_no_contact() -> None:
    own = order(WIKIART, "--mirror", "http://127.0.0.1:8080")
    assert (own.throttle.pace, own.throttle.default) == ({}, 0.0)
    assert own.agent.startswith("raisonne/")
    assert "(+" not in own.agent


def test_whoever_asks_can_be_reached() -> None:
    assert order(WIKIART, "--contact", "https://museum.org").agent.endswith(" (+https://museum.org)")
    with pytest.raises(BadInput, match="give --contact"):
        order(WIKIART)


def test_a_dry_run_asks_for_the_lists_that_count_or_for_nothing() -> None:
    counting = order(WIKIART, "--dry-run", "--contact", "a@b.c")
    assert (counting.is_survey, counting.is_plan) == (True, False)
    planning = order(MET, "--dry-run")  # without a contact
    assert (planning.is_survey, planning.is_plan) == (False, True)
    one = order(WIKIART, "--dry-run", "--artist", "claude-monet")
    assert (one.is_survey, one.is_plan) == (False, True)


def test_enrichments_are_those_whose_options_are_given(tmp_path: Path) -> None:
    table, saved = tmp_path / "w.csv", tmp_path / "a.json"
    table.write_text("id,_movement\nQ1,Baroque\n")
    saved.write_text('{"artObject": {"objectNumber": "SK-A-1"}}')
    arguments = ("--contact", "a@b.c", "--wikidata", table, "--legacy", saved, "--legacy", saved)
    assert list(order(RIJKSMUSEUM, *arguments).joins) == ["wikidata", "legacy"]
    assert order(RIJKSMUSEUM, "--contact", "a@b.c").joins == {}


def test_a_file_of_an_enrichment_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(BadInput, match=r"--legacy .*expected artObject or artObjects"):
        order(RIJKSMUSEUM, "--contact", "a@b.c", "--legacy", tmp_path / "a.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--pace", "www.wikiart.org"), "expected HOST=SECONDS"),
        (("--pace", "www.wikiart.org=nan"), "expected HOST=SECONDS"),
        (("--pace", "www.wikiart.org=-1"), "expected HOST=SECONDS"),
        (("--pace", "www.wikiart.org=3601"), "expected HOST=SECONDS"),
        (("--pace", "wikiart.example=3"), "--pace wikiart.example: expected a host of WikiArt's, one of"),
        (("--ignore-robots", "wikiart.example"), "--ignore-robots wikiart.example: expected a host of WikiArt's"),
        (("--max-minutes", "inf"), "--max-minutes inf: expected a number of minutes"),
        (("--contact", "nobody"), "--contact 'nobody': expected an e-mail or web address"),
        (("--contact", "a@b.c\n"), "expected an e-mail or web address"),
    ],
)
def test_what_cannot_be_met_is_refused(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        order(WIKIART, *arguments)


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
