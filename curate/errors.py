"""What goes wrong in a build, sorted by what its user does."""


class CurateError(Exception):
    """What is asked for cannot be built; the message says what to ask for instead."""


class IntegrityError(Exception):
    """The sums of a build do not come out: a fault of this program, never of its user."""


class Stopped(Exception):
    """A cluster that is gone, or cannot go on; the same command goes on."""
