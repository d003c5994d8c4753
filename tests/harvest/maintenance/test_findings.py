import pytest

from harvest.maintenance.findings import EXAMPLES, Findings, Kind


def some_findings() -> Findings:
    """Three missing images, of which two were repaired, and four tasks of one source."""
    findings = Findings(left_out=["the archive's ends, while box is being harvested"])
    findings.note(Kind.IMAGE_MISSING, "a#0", repaired=True)
    findings.note(Kind.IMAGE_MISSING, "b#0", repaired=False)
    findings.note(Kind.TASK_ABANDONED, "box", repaired=False, number=4)
    findings.note(Kind.IMAGE_MISSING, "c#0", repaired=True)
    return findings


def test_what_is_found_and_what_is_repaired_are_counted_by_kind() -> None:
    findings = some_findings()
    assert findings.found == {Kind.IMAGE_MISSING: 3, Kind.TASK_ABANDONED: 4}
    assert findings.repaired == {Kind.IMAGE_MISSING: 2, Kind.TASK_ABANDONED: 0}
    assert findings.open == 5


def test_what_is_repaired_together_counts_with_its_number() -> None:
    findings = Findings()
    findings.note(Kind.TASK_ABANDONED, "box", repaired=True, number=4)
    assert findings.repaired[Kind.TASK_ABANDONED] == 4
    assert findings.open == 0


def test_at_most_five_examples_of_each_kind_are_named_and_all_are_counted() -> None:
    findings = Findings()
    for number in range(8):
        findings.note(Kind.IMAGE_DAMAGED, f"{number}#0", repaired=False)
        findings.note(Kind.ANSWER_MISSING, f"https://x/{number}", repaired=False)
    assert EXAMPLES == 5
    assert findings.examples[Kind.IMAGE_DAMAGED] == ["0#0", "1#0", "2#0", "3#0", "4#0"]
    assert len(findings.examples[Kind.ANSWER_MISSING]) == 5
    assert findings.found[Kind.IMAGE_DAMAGED] == 8


def test_the_result_names_each_kind_with_its_numbers_and_examples() -> None:
    assert some_findings().result() == {
        "sound": False,
        "findings": [
            {
                "kind": "image_missing",
                "text": "image file missing",
                "found": 3,
                "repaired": 2,
                "examples": ["a#0", "b#0", "c#0"],
                "remedy": "'harvest doctor --repair' lets the next harvest fetch it again",
            },
            {
                "kind": "task_abandoned",
                "text": "task in work without a run",
                "found": 4,
                "repaired": 0,
                "examples": ["box"],
                "remedy": "'harvest doctor --repair' lets it wait again; so does the next harvest",
            },
        ],
        "strange": [],
        "left_out": ["the archive's ends, while box is being harvested"],
    }


def test_all_is_sound_where_nothing_is_found_or_all_is_repaired() -> None:
    assert Findings().result() == {"sound": True, "findings": [], "strange": [], "left_out": []}
    findings = Findings()
    findings.note(Kind.IMAGE_MISSING, "a#0", repaired=True)
    assert findings.result()["sound"]


def test_the_text_says_what_was_found_repaired_and_not_checked() -> None:
    assert some_findings().text().splitlines() == [
        "  3 x image file missing (2 repaired)",
        *("      a#0", "      b#0", "      c#0"),
        "      to do: 'harvest doctor --repair' lets the next harvest fetch it again",
        "  4 x task in work without a run",
        "      box",
        "      to do: 'harvest doctor --repair' lets it wait again; so does the next harvest",
        "  not checked: the archive's ends, while box is being harvested: run 'harvest doctor' again then",
    ]
    assert Findings().text() == ""


@pytest.mark.parametrize("kind", Kind)
def test_each_finding_says_what_puts_it_right_until_it_is(kind: Kind) -> None:
    findings = Findings()
    findings.note(kind, "box: x", repaired=False)
    command = "'harvest reparse box'" if kind is Kind.FILL_COLLAPSED else "'harvest doctor --repair'"
    assert command in str(findings.remedy(kind))
    assert f"      to do: {findings.remedy(kind)}" in findings.text().splitlines()
    findings.found[kind] -= 1
    findings.note(kind, "box: x", repaired=True)
    assert findings.remedy(kind) is None
    assert "to do" not in findings.text()


def test_what_may_be_the_users_own_is_no_fault() -> None:
    findings = Findings(strange=[f"{number}.txt" for number in range(7)])
    assert findings.result()["sound"]
    told = "  not of raisonne, and left alone: 0.txt, 1.txt, 2.txt, 3.txt, 4.txt … and 2 more"
    assert findings.text() == told
