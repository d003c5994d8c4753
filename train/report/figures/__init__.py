"""The drawings of a report: `plots`, and `matrices` of confusions, both in one style of `drawing`."""
