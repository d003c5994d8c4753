"""The crawl's state as rows.

`tasks` are claimed, completed, released; `enqueue` makes them of requests; `responses` say where each answer lies;
`runs` is a run with the lease by which it holds a source, its signs of life and its end; `counts` counts, what failed
too; `completeness` is how full a source's fields are after each run.

Doors: every module.
"""
