"""One module a revision. Each may be killed and run again: MySQL has no transaction around DDL."""
