"""One run of a harvest, end to end: claim, fetch, archive, parse, commit.

`harvester` is the loop; `scheduler` what is claimed, how many at once and when to end; `workers` what a thread does
with one task; `parse` whether what a parser gives can be kept; `ingest` what follows from the answers of one
transaction; `drift` whether a site's layout has changed, `lists` whether a list repeats itself; `plan` what a run would
do; `works` which works a run is limited to.

Doors: `harvester`, `scheduler` (its limits, and what a run starts with), `plan`, `ingest`, `parse`, `works`.
"""
