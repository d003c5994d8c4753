"""What can be wrong with a table that is to be written again."""


class TableError(Exception):
    """A table that cannot be written again; the message says why, and what to do."""
