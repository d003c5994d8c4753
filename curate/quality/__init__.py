"""What is doubtful in a catalogue: one report of findings, each with counts, examples and what to do.

`catalogue` reads the objects; `datings`, `words` and `images` look at what is said of them, `pictures` at their files;
`findings` is what all of these return; `report` writes page, JSON and table.
"""
