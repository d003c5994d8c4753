"""What the three programs share on a terminal: options, exit codes, wording of errors, progress, tables of text.

Doors: `program`, `progress`, `tables`.
"""
