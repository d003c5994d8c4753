"""Readings of single shapes, pure functions all: what museums' modules share, or would be too long with."""
