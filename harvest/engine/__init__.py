"""One run of a harvest, end to end: claim, fetch, archive, parse, commit.

Doors: `harvester` (the loop), `scheduler` (its limits), `plan` (what it would do), `ingest` and `parse` (what follows
from one answer).
"""
