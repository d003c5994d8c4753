"""The files of the data folder: the archive of responses, images, bulk tables.

Doors: `archive`, `images`, `bulk_tables`.
"""
