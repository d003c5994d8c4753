"""What others know of harvested objects: Wikidata, a museum's former interface.

Doors: `wikidata`, `legacy`.
"""
