"""The crawl's state as rows: tasks, responses, runs and the lease by which one run holds a source.

Doors: every module.
"""
