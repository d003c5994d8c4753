"""Images that are opted out of AI or data mining are withheld, counted and told of; the user may take them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvest.catalogue.query import ask
from harvest.maintenance.purge import Purge
from tests.harvest.conftest import harvest
from tests.harvest.scripted import HOST, Answers, ScriptedMuseum, asks, scripted_museum, tells
from tests.harvest.visits import visit
from tests.museum import misbehaviour as faults
from tests.museum.misbehaviour import Misbehaviour
from tests.museum.server import Museum
from tests.museum.sketches import sketched

IMAGES = "SELECT state, opt_out, path FROM images ORDER BY object_id"
BY_PAGE, BY_ANSWER = faults.opted_out("/list$"), faults.opted_out("/images/", "1", header="tdm-reservation")
BY_HOST = faults.reserving(HOST, [{"location": "/images/*", "tdm-reservation": 1}])


@pytest.fixture
def box(tmp_path: Path, empty_catalogue_url: str) -> Iterator[ScriptedMuseum]:
    answers: Answers = {"/list": [tells("a", images=["/images/a"]), tells("b", images=["/images/b"])]}
    with scripted_museum(tmp_path / "box", empty_catalogue_url, answers) as museum:
        yield museum


def files(box: ScriptedMuseum) -> list[Path]:
    return [path for path in (box.data / "images").rglob("*") if path.is_file()]


def states(box: ScriptedMuseum) -> set[str]:
    return {str(state) for state, *_ in box.ask(IMAGES)}


@pytest.mark.parametrize(
    ("fault", "error", "said", "asked"),
    [
        (BY_PAGE, "OptedOut", "by the page that shows it (x-robots-tag: noai, noimageai)", ["/list"]),
        (BY_ANSWER, "OptedOut", "by its answer (tdm-reservation: 1)", ["/images/a", "/images/b", "/list"]),
        (BY_HOST, "Reserved", f"(tdmrep.json of {HOST} reserves /images/*)", ["/list"]),
    ],
    ids=["page", "answer", "host"],
)
def test_an_opted_out_image_is_withheld_until_the_user_takes_it(
    box: ScriptedMuseum, fault: Misbehaviour, error: str, said: str, asked: list[str]
) -> None:
    box.museum.misbehave(fault)
    outcome = box.harvest()
    assert (outcome.finish_reason, outcome.counts["withheld"], outcome.counts["failed"]) == ("complete", 2, 0)
    assert box.asked == asked
    assert box.ask("SELECT DISTINCT state, error, host FROM tasks WHERE kind = 'image'") == [("withheld", error, HOST)]
    ((message,),) = box.ask("SELECT message FROM tasks WHERE `key` = 'a#0'")
    assert message.startswith(f"https://{HOST}/images/a: opted out ")
    assert message.endswith(said)
    word = "x-robots-tag: noai, noimageai" if fault is BY_PAGE else None
    assert box.ask(IMAGES) == [("withheld", word, None)] * 2
    assert box.ask("SELECT directives FROM answers") == [(word,)]
    assert files(box) == []
    assert box.harvest().counts["images"] == 0
    assert box.asked == ["/list"]  # who opts out is not asked again and again
    assert box.harvest(ignored_opt_outs=[HOST]).counts["images"] == 2
    assert [(state, opt_out) for state, opt_out, _ in box.ask(IMAGES)] == [("stored", word)] * 2
    assert box.ask("SELECT DISTINCT directives FROM answers WHERE file LIKE 'images/%'") == [
        ("tdm-reservation: 1" if fault is BY_ANSWER else None,)
    ]
    box.harvest()
    assert states(box) == {"stored"}  # what the user took stays
    assert box.reparse().counts["images"] == 0
    assert states(box) == {"stored"}


def test_of_a_host_that_reserves_no_more_the_images_are_asked_for(box: ScriptedMuseum) -> None:
    box.museum.misbehave(BY_HOST)
    box.harvest()
    box.museum.calm()
    assert box.harvest().counts["images"] == 2


def test_an_unchanged_page_that_opts_out_later_withdraws_its_images_and_may_give_them_again(
    box: ScriptedMuseum,
) -> None:
    box.harvest()
    assert states(box) == {"stored"}
    box.museum.misbehave(BY_PAGE)
    outcome = box.harvest()
    assert (outcome.counts["changed"], outcome.counts["withheld"]) == (2, 2)
    assert box.asked == ["/list"]
    assert box.ask(IMAGES) == [("withheld", "x-robots-tag: noai, noimageai", None)] * 2
    assert box.harvest().counts["unchanged"] == 2
    with box.opened() as catalogue:
        counts = Purge(catalogue, box.data, box.clock.today).purge(["box"], every=["box"])
    assert counts["box"]["files"] == 2
    assert files(box) == []
    box.museum.calm()
    assert box.harvest().counts["images"] == 2
    assert [(state, opt_out) for state, opt_out, _ in box.ask(IMAGES)] == [("stored", None)] * 2


def test_what_is_for_search_engines_is_kept_and_not_obeyed(box: ScriptedMuseum) -> None:
    box.museum.misbehave(faults.opted_out("", "noindex, nofollow"))
    assert box.harvest().counts["images"] == 2
    assert box.ask("SELECT DISTINCT directives FROM answers") == [("x-robots-tag: noindex, nofollow",)]
    assert box.ask("SELECT DISTINCT opt_out FROM images") == [(None,)]


def test_an_answer_from_before_the_upgrade_is_weighed_by_the_next_harvest(box: ScriptedMuseum) -> None:
    """Its archived headers say what the catalogue of then did not keep."""
    box.museum.misbehave(BY_PAGE)
    box.harvest(ignored_opt_outs=[HOST])
    with box.opened() as catalogue, catalogue.begin() as connection:
        for table, name in (("answers", "directives"), ("images", "opt_out")):
            connection.exec_driver_sql(f"UPDATE {table} SET {name} = NULL")
        connection.exec_driver_sql("UPDATE objects SET content_hash = 'of then'")
    box.reparse()
    assert box.ask("SELECT DISTINCT state, opt_out FROM images") == [("waiting", "x-robots-tag: noai, noimageai")]
    box.harvest()
    assert states(box) == {"withheld"}


def test_a_user_can_tell_by_whom_an_image_is_withheld(box: ScriptedMuseum) -> None:
    box.answers["/list"].append(asks("/opted-out"))
    box.answers["/list"].append(tells("c", images=[{"path": "/images/c", "state": "withheld"}, "/images/ok"]))
    box.answers["/opted-out"] = [tells("d", images=["/images/d"])]
    rule = {"location": "/images/a", "tdm-reservation": 1}
    robots = Misbehaviour("robots.txt", times=None, status=200, body=b"User-agent: *\nDisallow: /images/b\n")
    box.museum.misbehave(faults.reserving(HOST, [rule]), robots, faults.opted_out("/opted-out"))
    box.harvest()
    with ask(box.url, "images") as (columns, answer):
        shown = [dict(zip(columns, row, strict=True)) for row in answer]
    assert [(row["state"], row["withheld_by"], row["images"]) for row in shown] == [
        ("stored", None, 1),
        ("withheld", "opt-out of its page", 1),
        ("withheld", "rights", 1),
        ("withheld", "robots.txt or opt-out", 2),
    ]


COLLECTION = sketched(2)
SAYS = b"<meta name='robots' content='noindex, noai'></head>"


def test_pages_that_are_not_modified_but_for_a_header_are_read_whole(tmp_path: Path) -> None:
    with Museum(COLLECTION) as museum:
        assert visit(museum, tmp_path).ask("SELECT DISTINCT state FROM images") == [("stored",)]
        museum.misbehave(faults.opted_out(r"org/en/[^/?]+/[^/?]+$"))
        visited = visit(museum, tmp_path)
        assert visited.ask("SELECT DISTINCT state FROM images") == [("withheld",)]
        assert visited.outcome.counts["withheld"] == 2
        again = visit(museum, tmp_path)
        assert (again.outcome.counts["unchanged"], again.outcome.counts["withheld"]) == (2, 0)


def test_a_meta_tag_withholds_the_images_of_its_page_and_the_program_says_what_to_do(tmp_path: Path) -> None:
    with Museum(COLLECTION) as museum:
        slug = COLLECTION.works[0].slug
        page = museum.answer("www.wikiart.org", f"/en/{'/'.join(COLLECTION.works[0].key)}", {})
        body = page.body.replace(b"</head>", SAYS, 1)
        assert body != page.body
        museum.misbehave(Misbehaviour(f"/{slug}$", times=None, body=body, headers={"Content-Type": page.content_type}))
        command = ("wikiart", "--data", tmp_path, "--mirror", museum.url)
        result = harvest(*command)
        assert result.exit_code == 0, result.output
        (told,) = [line for line in result.stderr.splitlines() if "opted out" in line]
        host = told.rpartition(" ")[2]
        assert told.endswith(
            f"images of {host} are opted out of AI or of text and data mining: ask the museum for leave, or decide to "
            f"add --ignore-opt-outs {host}"
        )
        assert f"  withheld  1: images of {host} are opted out" in result.stdout
        assert f"wikiart: 1 withheld: images of {host} are opted out" in harvest("status", "--data", tmp_path).stdout
        status = json.loads(harvest("status", "--json", "--data", tmp_path).stdout)["sources"][0]
        assert (status["withheld"], status["opted_out"]) == ({}, {host: 1})
        again = json.loads(harvest(*command, "--json").stdout)
        assert (again["withheld"], again["opted_out"], again["tasks"]["withheld"]) == ({}, {host: 1}, 1)
        assert harvest(*command, "--ignore-opt-outs", "elsewhere.org").exit_code == 2
        taken = json.loads(harvest(*command, "--json", "--ignore-opt-outs", host).stdout)
        assert (taken["opted_out"], taken["counts"]["images"]) == ({}, 1)
        asked = "SELECT options FROM runs ORDER BY id DESC LIMIT 1"
        rows = json.loads(harvest("sql", asked, "--json", "--data", tmp_path).stdout)["rows"]
        assert json.loads(rows[0]["options"])["ignore_opt_outs"] == [host]
