"""Shares and probabilities, as they are typed."""

import math
from typing import Any

import click


class Share(click.FloatRange):
    """A number from 0 to 1; "nan" is none, though no limit excludes it."""

    def __init__(self, *, min_open: bool = False) -> None:
        super().__init__(0, 1, min_open=min_open)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail("expected a number from 0 to 1, got nan.", param, ctx)
        return number
