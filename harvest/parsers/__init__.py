"""Pure readings of formats: bytes in, values out; no I/O, no clock, no database.

Doors: `edm`, `oai_pmh`, `authorities`, `html`, and a folder for what only one museum writes. `harvest/sources/` uses
them.
"""
