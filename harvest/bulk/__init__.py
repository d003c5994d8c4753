"""A museum's bulk table: it is downloaded, checked whole, kept and loaded, thousands of rows a transaction.

Doors: `loader` (the whole run), `rows` (a kept table read again), `continuity` (whether it goes on from the last one),
`preview` (what it would change).
"""
