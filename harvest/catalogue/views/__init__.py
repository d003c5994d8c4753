"""The views of the catalogue, written once for SQLite and MySQL/MariaDB."""
