"""One module for each museum: facts and pure functions from answers to requests and records.

Doors: none (`harvest.source` finds the modules by their names).
"""
