"""The way back: the user's own table written again, in its own format, only where something is to be said.

`table` fills gaps and says what undoes it, `reversal` undoes it, `undo` is the file between the two; `document` is a
file whose cells are changed one by one, of which `csv_document`, `xlsx_document`, `ods_document` and `json_document`
are the formats, with `encoding`, `archive` and `workbook` below them.
"""
