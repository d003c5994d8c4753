"""The catalogue's history, as Alembic revisions; run by `harvest.catalogue` whenever a catalogue is opened."""
