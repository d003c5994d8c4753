"""The files of the data folder, written once and read again.

`archive` are the responses in WARC files, `images` the image files under their SHA-256, `bulk_tables` the museums'
tables.

Doors: `archive`, `images`, `bulk_tables`.
"""
