"""The user's own table as a source: a spreadsheet is read by a mapping of its columns, its pictures lie in a folder.

`formats` reads CSV, spreadsheets and JSON Lines; `words` are column names in five languages; `guess` says which column
is what; `mapping` keeps that; `pictures` joins files to numbers; `parcel` is the table with its list of pictures as the
data folder keeps it; `rows` reads it; `record` makes objects of rows; `source` is what the engine sees; `plan` is what
a person sees first. `edit` writes the table again, with gaps filled.

Doors: `source`, `mapping`, `plan`, `edit`; to `harvest/iiif/`, whose labels are columns, `record`, `guess`, `words`,
`formats`.
"""
