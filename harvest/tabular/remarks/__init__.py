"""What rows of a table are that tell of no object: `words` knows sums, notes and counts, `statistics` lines of them.

Doors: `words`, `statistics`, to `harvest/tabular/rows.py` alone.
"""
