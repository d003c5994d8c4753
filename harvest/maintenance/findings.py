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

    def result(self) -> dict[str, Any]:
        """Return it as JSON."""
        listed = [
            {"kind": kind.name.lower(), "text": kind, "found": number, "repaired": self.repaired[kind]}
            | {"examples": self.examples[kind]}
            for kind, number in self.found.items()
        ]
        return {"sound": not self.open, "findings": listed, "strange": self.strange, "left_out": self.left_out}

    def text(self) -> str:
        """Write it for people."""
        lines = []
        for kind, number in self.found.items():
            repaired = f" ({self.repaired[kind]} repaired)" if self.repaired[kind] else ""
            lines += [f"  {number} x {kind}{repaired}", *(f"      {example}" for example in self.examples[kind])]
        if self.strange:
            more = f" … and {len(self.strange) - EXAMPLES} more" if len(self.strange) > EXAMPLES else ""
            named = ", ".join(self.strange[:EXAMPLES])
            lines.append(f"  not of raisonne, and left alone: {named}{more}")
        return "\n".join([*lines, *(f"  not checked: {reason}" for reason in self.left_out)])
