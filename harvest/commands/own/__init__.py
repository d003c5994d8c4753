"""What harvests a source of the user's own, which has its name from them: a table, a IIIF collection."""
