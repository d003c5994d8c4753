"""Harvest museum collections into a SQL catalogue: politely, resumably, with nothing lost.

Here lie the words that museums speak (`request`, `response`, `records`, `dating`, `source`, `errors`) and what all
three programs share beside the terminal: `files` (written whole or not at all, locked, set aside), `pictures` (which
formats are opened, how large, whole, upright) and `version`. Everything else is a wing, a folder for one idea.
"""
