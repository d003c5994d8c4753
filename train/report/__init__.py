"""The report of a run, drawn from its results alone."""
