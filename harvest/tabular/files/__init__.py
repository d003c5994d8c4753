"""What a file is, by its content: `kinds` says what it is where it is no table, `web_page` reads a table of HTML.

Doors: `kinds`, `web_page`, to `harvest/tabular/formats.py` alone.
"""
