"""`curate report`: on catalogues whose right answer is known."""

import json
import re
import shutil
from typing import Any

import pytest

from harvest.console.program import Exit
from harvest.files import lock
from tests.curate.conftest import jpeg
from tests.curate.forecast.conftest import Answer, Curator, write_answers, write_options, write_run

CLASSES = {"artist": ["Known A", "Known B"]}


def judged(ids: list[str], artist: str, *, wrong: int = 0, unsure: int = 0) -> list[Answer]:
    """Let a run judge paintings of an artist: some wrongly, some rightly, but not sure; the others are sure."""
    kinds = [(0.9, artist)] * (len(ids) - wrong - unsure) + [(0.9, "Known Z")] * wrong + [(0.2, "Known Z")] * unsure
    return [
        (content_id, number % 5, "artist", artist, predicted, probability)
        for number, (content_id, (probability, predicted)) in enumerate(zip(ids, kinds, strict=True))
    ]


def field(told: dict[str, Any], name: str = "artist") -> dict[str, Any]:
    return dict(next(one for one in told["expectations"] if one["field"] == name))


def gaps_of(told: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    gaps = told["inventory"]["gaps"]
    return {one["field"]: (one["lacking"], one["with_picture"], one["vague"]) for one in gaps}


def test_without_a_run_it_counts_what_there_is(curator: Curator) -> None:
    curator.add(4, "Known A", image=jpeg((400, 300)), size=(400, 300))
    curator.add(3, None, genre=None, image=jpeg((40, 30)), size=(40, 30))
    curator.add(2, None, image=None)
    curator.add(1, "Known B", qualifier="workshop of", dating=("1700 to 1800", 1700, 1800))
    curator.add(1, "Unknown", dating=(None, None, None), medium=())
    curator.add(30, "Known A", "wikiart")
    curator.add(29, "Known B", "wikiart")
    told = curator.told()
    assert told["inventory"]["paintings"] == 11
    assert gaps_of(told) == {
        "artist": (5, 3, 2), "decade": (2, 2, 1), "genre": (3, 3, 0), "style": (0, 0, 0), "medium": (1, 1, 0),
    }  # fmt: skip
    assert told["inventory"]["pictures"] == {"there": 9, "small": 3, "missing": 2}
    assert told["inventory"]["artists"] == {
        "named": 1, "least": 30, "elsewhere": 1, "learnable": 1, "works": 4, "learnable_works": 4
    }  # fmt: skip
    assert (told["run"], told["learnable"], told["expectations"]) == (None, None, [])
    text = curator.text()
    assert "stadtmuseum: 11 paintings" in text
    assert (
        "Artists: 1 named. Other sources have 30 paintings or more by 1 of them; together with yours, there are as "
        "many by 1. Of your 4 paintings with an artist and a picture, 4 are by these."
    ) in text
    assert "Pictures: 9 there, 3 of them under 300 pixels on the shorter side; 2 missing." in text
    assert "How many of those without an artist a network could know: too few to tell (it takes 20;" in text
    data = f"--data {curator.data}"
    first = f"Next: curate build --require artist --min-per-artist 30 --name known {data}"
    assert f"{first} train run known --tune frozen {data}" in text


def test_a_network_is_shown_no_label_that_most_paintings_lack(curator: Curator) -> None:
    curator.add(2, None, genre=None, style=None)
    curator.add(1, None, style=None, medium=())
    assert " --inputs image,medium --data" in curator.told()["next"][1]
    curator.add(5, None)
    assert "--inputs" not in curator.told()["next"][1]


def test_a_picture_that_the_data_folder_lacks_is_missing(curator: Curator) -> None:
    gone, _ = curator.add(2, None)
    curator.museum.file(gone).unlink()
    assert curator.told()["inventory"]["pictures"] == {"there": 1, "small": 0, "missing": 1}
    assert gaps_of(curator.told())["artist"] == (2, 1, 0)


def test_what_the_source_has_deleted_is_not_counted(curator: Curator) -> None:
    curator.add(2, None)
    with curator.museum.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE objects SET deleted_at = '2026-11-01' WHERE source_id = '1'")
    assert curator.told()["inventory"]["paintings"] == 1


def test_the_share_of_artists_who_can_be_learned_is_carried_over(curator: Curator) -> None:
    curator.add(30, "Known A", "wikiart")
    curator.add(20, "Known A")
    curator.add(20, "Seldom C")
    curator.add(100, None)
    learnable = curator.told()["learnable"]
    assert learnable["low"] < 50 < learnable["high"]
    assert 45 <= learnable["about"] <= 55
    assert curator.told("stadtmuseum", "--min-per-artist", 20)["learnable"]["about"] >= 97, "both can be learned"
    assert "are by artists whom a network could learn" in curator.text()


NAMES = {
    "Monet, C.": ["Claude Monet"],  # another order, an initial
    "Claude Monnet": ["Claude Monet"],  # a slip
    "Brueghel": ["Jan Brueghel the Elder", "Jan Brueghel the Younger"],  # which one, nobody can tell
    "Jan Brueghel the Third": [],
    "Claude Lorrain": [],
    "Monet (workshop)": [],
}
KNOWN = ("Claude Monet", "Jan Brueghel the Elder", "Jan Brueghel the Younger")


def add_names(curator: Curator) -> None:
    for name in KNOWN:
        curator.add(30, name, "wikiart")
    for number, name in enumerate(NAMES, start=1):
        curator.add(number, name)


def test_names_near_to_one_that_a_network_could_learn_are_told(curator: Curator) -> None:
    add_names(curator)
    told = curator.told()
    near = {name: perhaps for name, perhaps in NAMES.items() if perhaps}
    assert {one["name"]: one["perhaps"] for one in told["near_names"]} == near
    assert [one["paintings"] for one in told["near_names"]] == [3, 2, 1]
    assert told["inventory"]["artists"]["elsewhere"] == 0, "nothing is merged"
    text = curator.text()
    assert (
        "3 names of yours near to an artist's whom a network could learn: "
        "Brueghel (3 paintings): perhaps the same as Jan Brueghel the Elder or Jan Brueghel the Younger "
    ) in text
    assert (
        "Monet, C. (1 painting): perhaps the same as Claude Monet "
        "Which are the same, say in aliases.csv (columns alias and artist), and name it with --aliases."
    ) in text


@pytest.mark.parametrize(
    ("name", "known", "is_near"),
    [
        ("Pierre Paul Rubens", "Peter Paul Rubens", True),
        ("Goya y Lucientes, Francisco José de", "Francisco de Goya", True),
        ("Rembrandt van Rijn", "Rembrandt", True),
        ("Jan Brueghel the Younger", "Jan Brueghel the Elder", False),
        ("Jan Brueghel", "Jan Brueghel the Elder", True),
        ("Salomon van Ruysdael", "Jacob van Ruisdael", False),
    ],
)
def test_names_are_near_where_most_words_agree(name: str, known: str, *, is_near: bool, curator: Curator) -> None:
    curator.add(30, known, "wikiart")
    curator.add(1, name)
    assert [one["name"] for one in curator.told()["near_names"]] == [name] * is_near


def test_aliases_part_nobody_of_whom_there_are_only_copies(curator: Curator) -> None:
    curator.add(1, "Claude Monet")
    curator.add(1, "MONET, Claude", "met", qualifier="copy after")
    aliases = curator.data / "aliases.csv"
    aliases.write_text("alias;artist\nClaude Monet;Oscar-Claude Monet\n")  # as Excel saves it in Dutch
    assert curator.run("report", "stadtmuseum", "--aliases", aliases)[2] == ""


def test_a_table_of_names_says_who_is_the_same(curator: Curator) -> None:
    add_names(curator)
    aliases = curator.data / "my aliases.csv"
    aliases.write_text('alias,artist\n"Monet, C.",Claude Monet\nClaude Monnet,Claude Monet\nNobody,Claude Monet\n')
    code, out, err = curator.run("report", "stadtmuseum", "--aliases", aliases, "--json")
    told = json.loads(out)
    assert (code, err.count("my aliases.csv: no maker is called 'Nobody'")) == (Exit.DONE, 1)
    assert [one["name"] for one in told["near_names"]] == ["Brueghel"]
    assert told["inventory"]["artists"]["elsewhere"] == 1
    assert told["inventory"]["artists"]["learnable_works"] == 3
    naming, data = f" --aliases '{aliases}'", f" --data {curator.data}"
    assert told["next"] == [
        f"curate build --require artist --min-per-artist 30{naming} --name known{data}",
        f"train run known --tune frozen{data}",
        f"curate report stadtmuseum{naming}{data}",
    ]


def test_names_that_a_network_would_take_for_two_are_told(curator: Curator) -> None:
    curator.add(20, "Antony van Dyck")
    curator.add(12, "Anthony van Dyck", "met")
    curator.add(4, "C. Monet")  # the two are too few together
    curator.add(10, "Claude Monet", "met")
    curator.add(18, "J. Steen")
    curator.add(18, "Jan Steen")
    curator.add(30, "Rembrandt", "met")
    curator.add(34, "Rembrandt van Rijn")
    told = curator.told()
    assert told["near_names"] == []
    assert told["pairs"] == [
        {"name": "Rembrandt van Rijn", "paintings": 34, "other": "Rembrandt", "other_paintings": 30},
        {"name": "J. Steen", "paintings": 18, "other": "Jan Steen", "other_paintings": 18},
        {"name": "Antony van Dyck", "paintings": 20, "other": "Anthony van Dyck", "other_paintings": 12},
    ]
    assert (
        "3 pairs of names that may be one artist's, whom a network would take for two: "
        "Rembrandt van Rijn (34) and Rembrandt (30) J. Steen (18) and Jan Steen (18) "
        "Antony van Dyck (20) and Anthony van Dyck (12) Which are the same"
    ) in curator.text()
    fewer = curator.told("stadtmuseum", "--min-per-artist", 12)
    assert [pair["name"] for pair in fewer["pairs"]][-1] == "C. Monet", "14 together"
    code, out, _ = curator.run("build", "--require", "artist", "--min-per-artist", 30, "--name", "known")
    assert code == Exit.DONE
    assert (
        "Note: 3 pairs of names may be one artist's, and are two here: Rembrandt (30) and Rembrandt van Rijn (34), "
        "J. Steen (18) and Jan Steen (18), Anthony van Dyck (12) and Antony van Dyck (20); --aliases says which are "
        "one.\n"
    ) in out


def test_aliases_that_part_two_of_one_name_are_told(curator: Curator) -> None:
    curator.add(2, "Claude Monet")
    curator.add(1, "MONET, Claude", "met")
    aliases = curator.data / "aliases.csv"
    aliases.write_text("alias,artist\nClaude Monet,Oscar-Claude Monet\n")
    code, _, err = curator.run("report", "stadtmuseum", "--aliases", aliases)
    assert code == Exit.DONE
    assert (
        "--aliases makes two of one name: 'Oscar-Claude Monet' beside 'MONET, Claude'; if they are one, give both the "
        "same name in its column artist"
    ) in err


def test_names_near_to_one_that_a_run_knows_are_told(curator: Curator) -> None:
    add_names(curator)
    curator.add(1, None)
    write_run(curator.data, judged(curator.add(20, "Claude Monet"), "Claude Monet"), {"artist": ["Claude Monet"]})
    told = curator.told()
    assert sorted(one["name"] for one in told["near_names"]) == ["Claude Monnet", "Monet, C."]
    assert "2 names of yours near to an artist's whom a network knows:" in curator.text()
    aliases = curator.data / "aliases.csv"
    aliases.write_text("alias,artist\nClaude Monnet,Claude Monet\n")
    with_aliases = curator.told("stadtmuseum", "--aliases", str(aliases))
    assert [one["name"] for one in with_aliases["near_names"]] == ["Monet, C."]
    assert field(with_aliases)["labelled_known"] == field(told)["labelled_known"] + 2


def test_runs_that_are_not_finished_are_named(curator: Curator) -> None:
    curator.add(1, None)
    write_run(curator.data, [], CLASSES, name=".stopped.part")
    now = write_run(curator.data, [], CLASSES, name=".now.part")
    with lock(now):
        code, out, err = curator.run("report", "stadtmuseum")
        assert curator.run("report", "stadtmuseum", "--run", "now")[::2] == (
            Exit.USAGE,
            f"curate: no finished run at {curator.data / 'runs' / 'now'}: it is still running: wait for it\n",
        )
    assert (code, "No finished run yet" in out) == (Exit.DONE, True)
    assert "run now is not finished, and not looked at: it is still running: wait for it\n" in err
    assert "run stopped is not finished, and not looked at: it was stopped: the 'train run' that began it" in err


@pytest.fixture
def asked(curator: Curator) -> list[str]:
    """60 paintings without an artist, beside 60 by two whom a run knows and 20 by another; returns the 60."""
    known = [curator.add(30, f"Known {name}") for name in "AB"]
    curator.add(20, "Seldom C")
    others = curator.add(40, "Known A", "wikiart")
    answers = judged(known[0], "Known A", wrong=1, unsure=6) + judged(known[1], "Known B", wrong=1, unsure=6)
    write_run(curator.data, answers + judged(others, "Known A", wrong=1), CLASSES, novelty=(0.05, 0.5))
    return curator.add(60, None)


def test_with_a_run_it_expects_what_the_like_of_them_have_shown(curator: Curator, asked: list[str]) -> None:
    told = curator.told()
    one = field(told)
    assert (told["run"], told["artists"], told["sources"]) == ("net", 2, ["stadtmuseum", "wikiart"])
    assert (one["asked"], one["labelled"], one["labelled_known"]) == (60, 80, 60)
    assert one["own"] == {"judged": 60, "answered": 48, "wrong": 2, "misnamed": 14}
    assert one["others"] == {"judged": 40, "answered": 40, "wrong": 1, "misnamed": 1}
    assert one["known"]["by"] == "labels"
    assert one["known"]["number"]["low"] < 45 < one["known"]["number"]["high"]
    assert one["answered"]["low"] < 45 * 48 / 60 < one["answered"]["high"]
    assert one["wrong"]["low"] <= 1.5 < one["wrong"]["high"] < 15
    text = curator.text()
    assert "Run net, which knows 2 artists, by its cross-validation:" in text
    assert re.search(
        r"artist: of 60 without an artist and with a picture, about \d\d \(between \d+ and \d+\) are probably by "
        r"artists whom the network knows; at 95% precision about \d\d \(between \d+ and \d+\) would be answered, "
        r"about \d \(between \d and \d+\) of them wrong",
        text,
    )
    assert "of your 80 with an artist 60 are so; it holds if those without are like them" in text
    assert "cross-validation judged 60 of your own paintings and answered 48 of them, 2 wrongly" in text
    assert "not on yours" not in text
    assert "could learn" not in text, "what a network could learn is not asked any more"
    data = f"--data {curator.data}"
    first = f"Next: curate build --source stadtmuseum --require none --name stadtmuseum-gaps {data}"
    assert f"{first} train predict net" in text
    assert curator.told() == told, "the same numbers again"


def test_predictions_are_counted(curator: Curator, asked: list[str]) -> None:
    answers = [
        (one, "artist", 0.9, None if number < 3 else 0.97 if number < 33 else 0.9, number < 3)
        for number, one in enumerate(asked[:58])
    ]
    write_answers(curator.data, "answers", answers, novelty=(0.05, 0.9))
    told = curator.told()
    one = field(told)
    assert (told["predictions"], one["asked"], one["unasked"]) == ("answers", 58, 2)
    assert one["answered"] == {"about": 30, "low": 30, "high": 30}
    assert one["known"]["by"] == "labels", "this novelty says too little"
    assert one["wrong_by_probabilities"] == 3
    assert one["wrong"]["low"] <= 1 < one["wrong"]["high"] < 15
    text = curator.text()
    assert "Run net, which knows 2 artists, by its predictions answers:" in text
    assert "artist: of 58 asked about, about" in text
    assert "at 95% precision 30 are answered, about" in text
    assert "2 more have a picture, but the predictions do not ask about them" in text
    assert text.endswith(f"Next: curate suggest answers --data {curator.data}")
    told_text = curator.text("stadtmuseum", "--at-precision", 0.9)
    assert told_text.endswith(f"curate suggest answers --at-precision 0.9 --data {curator.data}")
    assert "at 95.5% precision 30 are" in curator.text("stadtmuseum", "--at-precision", 0.955)
    assert field(curator.told("stadtmuseum", "--at-precision", 0.9))["answered"]["about"] == 55
    assert field(curator.told("stadtmuseum", "--at-precision", 0.98))["answered"]["about"] == 0


def test_answers_that_are_suggested_already_are_to_be_reviewed(curator: Curator, asked: list[str]) -> None:
    write_answers(
        curator.data, "answers", [(asked[0], "artist", 0.9, 0.97, None), (asked[1], "artist", 0.9, 0.9, None)]
    )
    assert curator.told()["next"] == [f"curate suggest answers --data {curator.data}"]
    assert curator.run("suggest", "answers")[0] == Exit.DONE
    review = f"curate review --data {curator.data}"
    assert curator.told()["next"] == [review]
    more = f"curate suggest answers --at-precision 0.9 --data {curator.data}"
    assert curator.told("stadtmuseum", "--at-precision", 0.9)["next"] == [more, review]


def test_novelty_that_was_measured_on_many_artists_says_who_is_known(curator: Curator) -> None:
    curator.add(30, "Known 1")
    gaps = curator.add(100, None)
    write_run(curator.data, [], {"artist": [f"Known {number}" for number in range(100)]})
    answers = [(one, "artist", 0.5, None, number < 60) for number, one in enumerate(gaps)]
    write_answers(curator.data, "answers", answers, novelty=(0.05, 0.1))
    known = field(curator.told())["known"]
    assert known["by"] == "novelty"
    assert known["number"]["low"] < 35 < known["number"]["high"] < 55, "though all that name one are by a known artist"
    assert "Known: by the novelty of their pictures, whose error rates were measured on the artists" in curator.text()


def test_few_paintings_are_too_few_to_tell(curator: Curator) -> None:
    ids = curator.add(19, "Known A")
    curator.add(50, None)
    others = curator.add(100, "Known A", "wikiart")
    write_run(curator.data, judged(ids, "Known A") + judged(others, "Known A", wrong=4), CLASSES)
    one = field(curator.told())
    assert (one["known"], one["answered"], one["wrong"]) == (None, None, None)
    text = curator.text()
    assert "how many are by artists whom the network knows: too few to tell" in text
    assert "at 95% precision how many would be answered: too few to tell" in text
    assert "you have 19 with an artist and a picture, it takes 20; the share of fewer may be off by 20 points" in text
    assert "cross-validation judged 19 of your paintings, it takes 20;" in text
    assert "Measured on paintings of wikiart, not on yours: of 100 it answered 100, 4 wrongly" in text


def test_few_answers_say_how_many_but_not_how_many_wrong(curator: Curator) -> None:
    ids = curator.add(60, "Known A")
    curator.add(50, None)
    write_run(curator.data, judged(ids, "Known A", unsure=41), CLASSES)
    one = field(curator.told())
    assert one["own"] == {"judged": 60, "answered": 19, "wrong": 0, "misnamed": 41}
    assert one["answered"]["low"] < 50 * 19 / 60 < one["answered"]["high"]
    assert one["wrong"] is None
    assert "how many of them wrong: too few to tell" in curator.text()


def test_a_network_of_other_museums_promises_nothing(curator: Curator) -> None:
    gaps = curator.add(30, None)
    others = curator.add(100, "Known A", "wikiart")
    write_run(curator.data, judged(others, "Known A", wrong=4), CLASSES)
    write_answers(curator.data, "answers", [(one, "artist", 0.9, 0.95, None) for one in gaps])
    one = field(curator.told())
    assert (one["answered"]["about"], one["wrong"], one["wrong_by_probabilities"]) == (30, None, 3)
    text = curator.text()
    assert "at 95% precision 30 are answered, how many of them wrong: too few to tell" in text
    assert "Measured on paintings of wikiart, not on yours: of 100 it answered 100, 4 wrongly" in text
    assert "; by its probabilities, measured so, 3 of yours would be wrong" in text


def test_one_fold_is_judged_by_its_halves(curator: Curator) -> None:
    """On the very paintings that it was chosen on, any sureness would keep its promise."""
    ids = curator.add(40, "Known A")
    curator.add(40, None)
    answers = [
        (one, 0, "artist", "Known A", "Known A" if number % 2 else "Known B", 0.5 + number / 100)
        for number, one in enumerate(ids)
    ]
    write_run(curator.data, answers, CLASSES)
    assert field(curator.told("stadtmuseum", "--at-precision", 0.99))["own"]["wrong"] > 0


def test_paintings_that_lack_what_the_network_was_shown_are_told(curator: Curator) -> None:
    ids = curator.add(30, "Known A")
    curator.add(5, None, genre=None)
    curator.add(7, None)
    write_run(curator.data, judged(ids, "Known A"), CLASSES)
    assert field(curator.told())["without_inputs"] == 5
    assert "Less is answered of the 5 that lack a label which the network was shown" in curator.text()


def test_other_fields_are_told_too_and_those_that_the_run_does_not_name(curator: Curator) -> None:
    known = curator.add(30, "Known A", dating=("1885", 1885, 1885))
    curator.add(10, "Seldom C", dating=("1885", 1885, 1885))
    curator.add(40, "Known A", dating=(None, None, None), style=None)
    answers = [(one, number % 5, "decade", "1880", "1880", 0.9) for number, one in enumerate(known)]
    write_run(curator.data, answers, {"artist": ["Known A"], "decade": [1880]})
    one = field(curator.told(), "decade")
    assert (one["asked"], one["labelled"], one["labelled_known"]) == (40, 40, 30)
    text = curator.text()
    assert "decade: of 40 without a decade and with a picture, about" in text
    assert "style: the run names none" in text
    assert "artist: of" not in text


def test_gaps_that_nothing_is_expected_of_are_told(curator: Curator) -> None:
    curator.add(30, "Known A", dating=(None, None, None))
    gaps = curator.add(4, None)
    write_run(curator.data, [], {"artist": ["Known A"], "decade": [1880], "style": ["Realism"]})
    curator.add(2, "Known A", style=None, image=None)
    write_answers(curator.data, "answers", [(one, "artist", 0.9, 0.95, None) for one in gaps])
    text = curator.text()
    assert "artist: of 4 asked about" in text
    assert "decade: the predictions ask about none of the 30 without it" in text
    assert "style: no painting without it has a picture" in text


def test_where_nothing_else_is_known_of_the_gaps_they_are_asked_about_all_the_same(curator: Curator) -> None:
    curator.add(3, None, dating=(None, None, None), genre=None, style=None, medium=())
    write_run(curator.data, [], CLASSES)
    asking = f"curate build --source stadtmuseum --require none --name stadtmuseum-gaps --data {curator.data}"
    assert curator.told()["next"][0] == asking


def test_labels_are_those_of_the_runs_build(curator: Curator) -> None:
    ids = curator.add(30, "Known A", dating=("1885", 1885, 1885))
    curator.add(5, None)
    aliases = {"Known A": "Somebody"}
    write_options(curator.data, bin_years=50, aliases=aliases)
    write_run(curator.data, [(one, 0, "decade", "1850", "1850", 0.9) for one in ids], {"artist": ["Somebody"]})
    assert field(curator.told())["labelled_known"] == 30


def test_the_run_is_the_newest_that_judged_the_sources_paintings(curator: Curator) -> None:
    ids, others = curator.add(25, "Known A"), curator.add(5, "Known A", "wikiart")
    curator.add(9, None)
    write_run(curator.data, judged(ids, "Known A"), CLASSES, name="older")
    write_run(curator.data, judged(ids, "Known A"), CLASSES, name="old")
    write_run(curator.data, judged(others, "Known A"), CLASSES, name="new")
    write_run(curator.data, [], {"series": ["x"]}, name="newest")
    assert curator.told()["run"] == "old"
    assert curator.told("stadtmuseum", "--run", "older")["run"] == "older"
    curator.add(1, None, "elsewhere")
    assert curator.told("elsewhere")["run"] == "new", "none has judged its paintings"


def test_runs_and_predictions_that_cannot_be_read_are_passed_over_with_a_warning(curator: Curator) -> None:
    ids, gaps = curator.add(25, "Known A"), curator.add(9, None)
    write_run(curator.data, judged(ids, "Known A"), CLASSES)
    (write_run(curator.data, [], CLASSES, name="broken") / "predictions.parquet").write_text("PAR1")
    (write_run(curator.data, [], CLASSES, name="strange") / "report.json").write_text("{}")
    write_answers(curator.data, "good", [(gaps[0], "artist", 0.9, 0.95, False)])
    write_answers(curator.data, "another", [(gaps[0], "artist", 0.9, 0.95, False)], run="gone")
    write_answers(curator.data, "version", [])
    about = curator.data / "predictions" / "version" / "predictions.json"
    about.write_text(about.read_text().replace('"predictions_version": 2', '"predictions_version": 3'))
    shutil.rmtree(curator.data / "builds")
    code, out, err = curator.run("report", "stadtmuseum")
    err = " ".join(err.split())
    assert code == Exit.DONE
    assert "by its predictions good:" in out
    assert "broken is damaged" in err
    assert "strange/report.json is of another raisonne" in err
    assert "version is of predictions version 3, this program reads 2" in err
    assert re.search(r"no build at .*; the report takes labels as a build without options does", err)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("stadmuseum",), "the catalogue holds no object of source 'stadmuseum': did you mean stadtmuseum[?]"),
        (("x",), "the catalogue holds no object of source 'x': choose of prints, stadtmuseum"),
        (
            ("prints",),
            "the catalogue holds no painting of source 'prints', only print .2.: 'harvest table --plan' shows",
        ),
        (("stadtmuseum", "--run", "ne"), "no finished run at .*ne: did you mean net[?]"),
        (("stadtmuseum", "--run", "../net"), "expected the name of a run, got '../net'"),
        (("stadtmuseum", "--run", "begun"), "it was stopped: the 'train run' that began it goes on with it"),
        (("stadtmuseum", "--run", "strange"), "report.json is of another raisonne .*: run again"),
        (("stadtmuseum", "--at-precision", "0"), "not in the range"),
    ],
)
def test_bad_input_is_told_in_one_line(curator: Curator, arguments: tuple[str, ...], told: str) -> None:
    curator.add(1, None)
    curator.add(2, None, "prints", object_type="print")
    write_run(curator.data, [], CLASSES)
    write_run(curator.data, [], CLASSES, name=".begun.part")
    (write_run(curator.data, [], CLASSES, name="strange") / "report.json").write_text("{}")
    code, out, err = curator.run("report", *arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert re.search(told, " ".join(err.split()))


def test_an_empty_catalogue_is_told(curator: Curator) -> None:
    code, _, err = curator.run("report", "stadtmuseum")
    assert code == Exit.USAGE
    assert "the catalogue holds no object yet: harvest some first, as with 'harvest table'" in " ".join(err.split())
