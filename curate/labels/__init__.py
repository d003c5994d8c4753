"""Labels in one vocabulary, whichever museum they come from.

`artists` says which makers are one person; `vocabulary` reads the tables of words (`*.csv`), and `media` the medium by
them; `decades` the year and its bin.
"""
