"""Suggestions on their way back to the museum: chosen here, written by one module a format.

`rows` reads them from the catalogue; `export` writes a folder whole or not at all; `table` is CSV for the museum's own
system, `own_table` the user's own table with its gaps filled, `annotations` W3C Web Annotations as JSON-LD, and `tasks`
what Label Studio reads for a review there.
"""
