"""Looking after what was harvested: is it sound, how does it stand, what does a better parser make of it.

Doors: `doctor`, `findings`, `reparse`, `status`.
"""
