"""Measurements, each run by hand as `python -m bench.NAME`; none is part of the tests."""
