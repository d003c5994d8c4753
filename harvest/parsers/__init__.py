"""Pure readings of formats: bytes in, values out; no I/O, no clock, no database.

Doors: every module (for `harvest/sources/`); what only one museum writes lies in a folder of its own.
"""
