"""What others know of harvested objects: Wikidata, a museum's former interface.

A museum's option names the module that reads its files (`Option.enrichment`). Such a module has one function,
`prepare(source, paths)`: it reads and checks the files before anything is asked for, and returns what joins them with
the catalogue after the run, `Callable[[Engine], Mapping[str, int]]`; the summary shows the counts that this returns.

Doors: every module.
"""
