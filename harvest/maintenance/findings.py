"""What `harvest doctor` finds, counted by kind, with examples."""

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


class Kind(enum.StrEnum):
    """What can be wrong."""

    IMAGE_MISSING = "image file missing"
    IMAGE_DAMAGED = "image file damaged"
    IMAGE_UNASKED = "image that no task asks for"
    ANSWER_UNREADABLE = "archived answer unreadable"
    ANSWER_MISSING = "page done without an answer"
    ARCHIVE_TAIL = "archive bytes behind the last answer"
    ARCHIVE_UNNAMED = "archive file that no answer names"
    FILE_UNNAMED = "image file without a row"
    FILE_UNFINISHED = "unfinished file"
    LEASE_DEAD = "lease of a dead run"
    TASK_ABANDONED = "task in work without a run"
    FILL_COLLAPSED = "label lost since an earlier run"


_FETCHED = "'harvest doctor --repair' lets the next harvest fetch it again"
_MOVED = "'harvest doctor --repair' moves it to lost+found/ in the data folder"
REMEDIES = {  # what puts each kind right
    Kind.IMAGE_MISSING: _FETCHED,
    Kind.IMAGE_DAMAGED: f"{_FETCHED}, and moves the damaged file to lost+found/",
    Kind.IMAGE_UNASKED: _FETCHED,
    Kind.ANSWER_UNREADABLE: f"{_FETCHED}; a table of your own is read once more from its file",
    Kind.ANSWER_MISSING: _FETCHED,
    Kind.ARCHIVE_TAIL: _MOVED,
    Kind.ARCHIVE_UNNAMED: _MOVED,
    Kind.FILE_UNNAMED: _MOVED,
    Kind.FILE_UNFINISHED: "'harvest doctor --repair' deletes it",
    Kind.LEASE_DEAD: "'harvest doctor --repair' frees the source; so does its next harvest",
    Kind.TASK_ABANDONED: "'harvest doctor --repair' lets it wait again; so does the next harvest",
    Kind.FILL_COLLAPSED: "no command repairs this alone: where the source has changed its layout, update raisonne, "
    "then {again}; where it really says less, there is nothing to do",
}
EXAMPLES = 5  # of each kind that are named


@dataclass(slots=True)
class Findings:
    """Everything that is wrong, and what of it was put right."""

    found: Counter[Kind] = field(default_factory=Counter)
    repaired: Counter[Kind] = field(default_factory=Counter)
    examples: dict[Kind, list[str]] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)  # what may be the user's own: no fault, and never moved
    left_out: list[str] = field(default_factory=list)  # checks that could not be made, and why

    def note(self, kind: Kind, example: str, *, repaired: bool, number: int = 1) -> None:
        """Add something that is wrong."""
        self.found[kind] += number
        self.repaired[kind] += number * repaired
        named = self.examples.setdefault(kind, [])
        if len(named) < EXAMPLES:
            named.append(example)

    @property
    def open(self) -> int:
        """How much is still wrong."""
        return self.found.total() - self.repaired.total()

    def remedy(self, kind: Kind) -> str | None:
        """Return what puts a kind right, commands in quotes; None: all of it was."""
        if self.found[kind] == self.repaired[kind]:
            return None
        sources = dict.fromkeys(example.partition(":")[0] for example in self.examples[kind])
        return REMEDIES[kind].format(again=", ".join(f"'harvest reparse {name}'" for name in sources))

    def result(self) -> dict[str, Any]:
        """Return it as JSON."""
        listed = [
            {"kind": kind.name.lower(), "text": kind, "found": number, "repaired": self.repaired[kind]}
            | {"examples": self.examples[kind], "remedy": self.remedy(kind)}
            for kind, number in self.found.items()
        ]
        return {"sound": not self.open, "findings": listed, "strange": self.strange, "left_out": self.left_out}

    def text(self) -> str:
        """Write it for people."""
        lines = []
        for kind, number in self.found.items():
            repaired = f" ({self.repaired[kind]} repaired)" if self.repaired[kind] else ""
            lines += [f"  {number} x {kind}{repaired}", *(f"      {example}" for example in self.examples[kind])]
            lines += [f"      to do: {remedy}"] if (remedy := self.remedy(kind)) else []
        if self.strange:
            more = f" … and {len(self.strange) - EXAMPLES} more" if len(self.strange) > EXAMPLES else ""
            named = ", ".join(self.strange[:EXAMPLES])
            lines.append(f"  not of raisonne, and left alone: {named}{more}")
        return "\n".join(
            [*lines, *(f"  not checked: {reason}: run 'harvest doctor' again then" for reason in self.left_out)]
        )
