"""Harvest museum collections into a SQL catalogue: politely, resumably, with nothing lost."""
