"""Collections that a museum or library publishes by IIIF as a source: a manifest is an object, its labels are columns.

`source` is what the engine sees; `labels` makes an object of a manifest, by the mapping that tables have, too; `plan`
is what a person sees first.

Doors: `source`, `plan`.
"""
