"""What the three programs share on a terminal.

`program` are the common options, exit codes, and the wording of errors of the disk and the database; `progress` bars
and lines; `tables` text, Markdown and CSV; `text` what
strangers wrote, and counts in words.

Doors: `program`, `progress`, `tables`, `text`.
"""
