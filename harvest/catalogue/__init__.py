"""Museum objects as rows, on SQLite, MySQL and MariaDB: the schema, how it is opened, upgraded, written and read.

Doors: every module but `load_data` (of `upsert`).
"""
