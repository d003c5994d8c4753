"""A network's suggestions for what the catalogue lacks, and people's decisions.

`loading` takes predictions into the catalogue's `suggestions`; `agreement` ends those that the source has answered
itself, and counts how often it agrees.
"""
