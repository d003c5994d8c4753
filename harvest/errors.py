"""What can go wrong in a harvest, sorted by what the caller does about it."""

import re

_OBJECT = re.compile(r"<[^<>]{1,200} at 0x[0-9a-fA-F]+>: | ?<[^<>]{1,200} at 0x[0-9a-fA-F]+>")


class HarvestError(Exception):
    """Anything that a harvest foresees.

    Args:
        message: For people; addresses in memory, which libraries put into theirs, are taken out.
        status: Of the answer that was the reason, over HTTP.
        host: That it is about, and no other; None: it is about all of the source.
    """

    def __init__(self, message: str = "", *, status: int | None = None, host: str | None = None) -> None:
        super().__init__(_OBJECT.sub("", message))
        self.status = status
        self.host = host


class BadInput(HarvestError):
    """What the user gave cannot be used; nothing stored was touched."""


class Stopped(HarvestError):
    """Blocked, quota spent or layout changed. The message says when and how to go on.

    The run ends; where it is about one host, once nothing is left to ask of the others.
    """


class Blocked(Stopped):
    """The source turned us away. Where the same task meets it again and again, it is that task's."""


class Unreachable(Stopped):
    """A host cannot be asked, or there is no network. Met again and again, it is the task's, as Blocked is."""


class LayoutChanged(Stopped):
    """The source's answers are not what they were: the run ends before it fills the catalogue with gaps."""


class Later(HarvestError):
    """The host asks for patience: it waits, and the task keeps its turn."""


class HungUp(Later):
    """The connection broke or timed out: the host may be overrun, or it may be this one answer."""


class Resting(Later):
    """The host rests, as it asked for or needs: it was not asked this time."""


class Cancelled(HarvestError):
    """The run ends: this was not asked any more."""


class TaskFailed(HarvestError):
    """This one cannot be had: recorded with its reason, the run goes on."""


class Gone(TaskFailed):
    """The source has it no longer (404, 410)."""


class BadAnswer(TaskFailed):
    """Not what was asked for: another type, cut short, undecodable."""


class Withheld(BadAnswer):
    """Not to be had by robots, as the source's host asks: no failure of ours, and obeyed."""


class Disallowed(Withheld):
    """Its host's robots.txt forbids it."""


class LoginNeeded(Withheld):
    """Its host shows it only to whom has logged in."""


class OptedOut(Withheld):
    """An image that its answer, or the page that shows it, reserves against AI or text and data mining."""


class Reserved(OptedOut):
    """An image that its host's tdmrep.json reserves."""


class NotPublic(TaskFailed):
    """An address within a private network: nobody's museum, and never asked."""


class Unparsed(TaskFailed):
    """An answer that the parser cannot read."""


class Damaged(TaskFailed):
    """An answer with a flaw: what could be read of it is kept, the rest is not known."""
