"""Museum objects as rows, on SQLite, MySQL and MariaDB.

`schema` are the tables, `views` the views; `database` opens and upgrades; `writer` writes objects with all their parts
and decides what of an old one stays; `objects`, `artists` and `images` are what it needs to know of each; `upsert` and
`load_data` are how many rows travel at once; `paintings`, `query` and `pagination` read; `suggestions` are a network's
answers beside the catalogue, and what people decided; `review` is what only their review needs.

Doors: every module but `load_data` (of `upsert`).
"""
