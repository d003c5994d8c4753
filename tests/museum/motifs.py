"""What a painting shows, as flat shapes: the drawing that a hand then paints over."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a hand, by what they serve for."""

    dark: Colour
    deep: Colour
    middle: Colour
    light: Colour
    sky: Colour
    accent: Colour

    @property
    def colours(self) -> tuple[Colour, ...]:
        """All of them, from dark to accent."""
        return (self.dark, self.deep, self.middle, self.light, self.sky, self.accent)


class Sheet:
    """A drawing in units of its own width and height: (0, 0) is the upper left, (1, 1) the lower right corner."""

    def __init__(self, size: tuple[int, int], palette: Palette, *, contour: int = 0) -> None:
        self.image = Image.new("RGB", size, palette.middle)
        self.palette = palette
        self.lines = Image.new("L", size)  # 255 where a contour runs, to be laid over the paint
        self._contour = contour  # pixels; 0: shapes meet without a line
        self._fill, self._line = ImageDraw.Draw(self.image), ImageDraw.Draw(self.lines)

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon; it hides the contours below it and has one of its own."""
        width, height = self.image.size
        corners = [(x * width, y * height) for x, y in points]
        self._fill.polygon(corners, fill=colour)
        self._line.polygon(corners, fill=0, outline=255 if self._contour else 0, width=max(1, self._contour))

    def ground(self, top: float, colour: Colour) -> None:
        """Fill everything below a height, without a contour."""
        width, height = self.image.size
        self._fill.rectangle((0, top * height, width, height), fill=colour)

    def oval(self, x: float, y: float, radius: Point, colour: Colour) -> None:
        """Fill an ellipse; the radii are shares of the shorter side."""
        points = [(math.cos(math.tau * step / 32), math.sin(math.tau * step / 32)) for step in range(32)]
        width, height = self.image.size
        short = min(width, height)
        across, down = radius[0] * short / width, radius[1] * short / height
        self.shape([(x + across * cos, y + down * sin) for cos, sin in points], colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], colour)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return the colour that lies `share` of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return (red, green, blue)


def landscape(sheet: Sheet, dice: random.Random) -> None:
    """Draw a sky, three ranges of hills and some trees."""
    palette = sheet.palette
    horizon = dice.uniform(0.3, 0.55)
    _sky(sheet, dice, horizon)
    for depth in range(3):
        share = depth / 2
        near = mix(mix(palette.middle, palette.sky, 0.25), palette.deep, share)
        _range(sheet, dice, horizon + share * (0.85 - horizon), near)
    for _ in range(dice.randint(2, 6)):
        _tree(sheet, dice, dice.uniform(0.05, 0.95), dice.uniform(horizon + 0.15, 0.95))


def marina(sheet: Sheet, dice: random.Random) -> None:
    """Draw the sea, its light, and one to three boats."""
    palette = sheet.palette
    horizon = dice.uniform(0.38, 0.6)
    _sky(sheet, dice, horizon)
    for band in range(5):
        top = horizon + (1 - horizon) * band / 5
        sheet.ground(top, mix(mix(palette.sky, palette.deep, 0.4), palette.deep, band / 4))
    for _ in range(dice.randint(1, 3)):
        x, y, size = dice.uniform(0.15, 0.85), dice.uniform(horizon + 0.05, 0.85), dice.uniform(0.07, 0.16)
        sheet.shape([(x, y - size * 2), (x, y), (x + size, y)], palette.light)
        sheet.shape([(x - 0.01, y - size * 1.6), (x - 0.01, y), (x - size * 0.7, y)], palette.accent)
        hull = [(x - size, y), (x + size * 1.2, y), (x + size * 0.8, y + size * 0.4), (x - size * 0.7, y + size * 0.4)]
        sheet.shape(hull, palette.dark)


def portrait(sheet: Sheet, dice: random.Random) -> None:
    """Draw a sitter: head and shoulders, turned a little."""
    palette = sheet.palette
    skin = mix(mix(palette.light, (222, 178, 146), 0.55), palette.accent, dice.uniform(0.0, 0.12))
    sheet.ground(0, mix(palette.deep, palette.sky, dice.uniform(0.0, 0.4)))
    x, y, turn = dice.uniform(0.42, 0.58), dice.uniform(0.34, 0.42), dice.uniform(-0.03, 0.03)
    dress = dice.choice((palette.dark, palette.accent, palette.middle))
    hair = mix(palette.dark, palette.accent, dice.uniform(0.0, 0.35))
    sheet.oval(x, y + 0.02, (0.24, dice.uniform(0.3, 0.42)), hair)
    sheet.oval(x, 1.02, (dice.uniform(0.42, 0.52), 0.5), dress)
    sheet.box(x - 0.07, y + 0.12, x + 0.07, y + 0.34, mix(skin, palette.deep, 0.25))
    sheet.oval(x + turn, y, (0.18, 0.25), skin)
    sheet.oval(x - turn * 2, y - 0.17, (0.19, 0.1), hair)
    for side in (-1, 1):
        sheet.oval(x + turn * 2 + side * 0.065, y - 0.015, (0.03, 0.015), palette.dark)
    sheet.shape([(x + turn * 2, y - 0.01), (x + turn * 3 + 0.025, y + 0.07), (x + turn * 2, y + 0.075)], palette.middle)
    sheet.oval(x + turn * 2, y + 0.115, (0.05, 0.016), mix(palette.accent, palette.deep, 0.3))


def still_life(sheet: Sheet, dice: random.Random) -> None:
    """Draw a table with fruit and a bottle or two."""
    palette = sheet.palette
    edge = dice.uniform(0.52, 0.64)
    sheet.ground(0, mix(palette.deep, palette.sky, dice.uniform(0.1, 0.6)))
    sheet.box(-0.1, edge, 1.1, 1.1, mix(palette.light, palette.middle, dice.uniform(0.0, 0.5)))
    for _ in range(dice.randint(1, 2)):
        x, size = dice.uniform(0.15, 0.85), dice.uniform(0.07, 0.11)
        glass = dice.choice((palette.dark, palette.deep, palette.sky))
        sheet.box(x - size, edge - 0.2, x + size, edge + 0.12, glass)
        sheet.box(x - size / 3, edge - 0.42, x + size / 3, edge - 0.18, glass)
    for _ in range(dice.randint(4, 8)):
        x, y, radius = dice.uniform(0.1, 0.9), edge + dice.uniform(0.06, 0.24), dice.uniform(0.06, 0.11)
        fruit = dice.choice((palette.accent, palette.light, palette.middle))
        sheet.oval(x + 0.02, y + radius * 0.7, (radius * 1.1, radius * 0.4), mix(palette.middle, palette.dark, 0.6))
        sheet.oval(x, y, (radius, radius), fruit)
        sheet.oval(x - radius * 0.3, y - radius * 0.3, (radius * 0.3, radius * 0.25), mix(fruit, (255, 250, 235), 0.5))


def flowers(sheet: Sheet, dice: random.Random) -> None:
    """Draw a bunch of flowers in a vase."""
    palette = sheet.palette
    sheet.ground(0, mix(palette.sky, palette.deep, dice.uniform(0.0, 0.7)))
    sheet.box(-0.1, 0.82, 1.1, 1.1, palette.middle)
    x = dice.uniform(0.42, 0.58)
    for _ in range(14):
        sheet.oval(x + dice.gauss(0, 0.15), dice.gauss(0.42, 0.12), (0.1, 0.04), mix(palette.deep, palette.middle, 0.5))
    sheet.shape(
        [(x - 0.09, 0.58), (x + 0.09, 0.58), (x + 0.14, 0.8), (x + 0.06, 0.9), (x - 0.06, 0.9), (x - 0.14, 0.8)],
        palette.light,
    )
    for _ in range(dice.randint(9, 16)):
        petal = dice.choice((palette.accent, palette.light, palette.accent, palette.sky))
        across, down, radius = x + dice.gauss(0, 0.15), dice.gauss(0.36, 0.11), dice.uniform(0.04, 0.085)
        sheet.oval(across, down, (radius, radius * 0.9), petal)
        sheet.oval(across, down, (radius * 0.35, radius * 0.35), mix(petal, palette.dark, 0.6))


def cityscape(sheet: Sheet, dice: random.Random) -> None:
    """Draw a street: two rows of houses, windows and a tower."""
    palette = sheet.palette
    _sky(sheet, dice, 0.75)
    sheet.ground(0.78, mix(palette.middle, palette.light, 0.3))
    for row, base in ((0, 0.7), (1, 0.84)):
        left = -0.05
        while left < 1.0:
            width = dice.uniform(0.12, 0.24)
            top = base - dice.uniform(0.18, 0.42)
            wall = mix(dice.choice((palette.middle, palette.light, palette.accent)), palette.sky, 0.45 - row * 0.35)
            sheet.box(left, top, left + width, base, wall)
            sheet.shape(
                [(left, top), (left + width / 2, top - 0.08), (left + width, top)],
                mix(palette.deep, palette.accent, 0.3),
            )
            if row:
                _windows(sheet, (left, top, left + width, base))
            left += width
    tower = dice.uniform(0.2, 0.8)
    sheet.box(tower - 0.035, 0.16, tower + 0.035, 0.7, mix(palette.deep, palette.sky, 0.2))
    sheet.shape([(tower - 0.05, 0.17), (tower, 0.02), (tower + 0.05, 0.17)], palette.dark)


def abstract(sheet: Sheet, dice: random.Random) -> None:
    """Draw planes, bars and discs that mean nothing."""
    palette = sheet.palette
    sheet.ground(0, palette.light)
    tilt = dice.uniform(-0.6, 0.6)
    for _ in range(dice.randint(5, 9)):
        x, y = dice.uniform(0.1, 0.9), dice.uniform(0.1, 0.9)
        long, short, angle = dice.uniform(0.12, 0.4), dice.uniform(0.03, 0.2), tilt + dice.choice((0, math.pi / 2))
        colour = dice.choice(palette.colours)
        corners = [(long, short), (-long, short), (-long, -short), (long, -short)]
        cos, sin = math.cos(angle), math.sin(angle)
        sheet.shape([(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners], colour)
    for _ in range(dice.randint(1, 4)):
        radius = dice.uniform(0.05, 0.18)
        sheet.oval(dice.uniform(0.15, 0.85), dice.uniform(0.15, 0.85), (radius, radius), dice.choice(palette.colours))


MOTIFS: dict[str, Callable[[Sheet, random.Random], None]] = {
    "landscape": landscape,
    "marina": marina,
    "portrait": portrait,
    "still life": still_life,
    "flower painting": flowers,
    "cityscape": cityscape,
    "abstract": abstract,
}


def _sky(sheet: Sheet, dice: random.Random, horizon: float) -> None:
    palette = sheet.palette
    for band in range(7):
        sheet.ground(horizon * band / 7, mix(palette.sky, palette.light, band / 8))
    sun, radius = dice.uniform(0.1, 0.9), dice.uniform(0.05, 0.1)
    sheet.oval(sun, horizon * dice.uniform(0.25, 0.8), (radius, radius), mix(palette.light, palette.accent, 0.4))


def _range(sheet: Sheet, dice: random.Random, top: float, colour: Colour) -> None:
    waves = [(dice.uniform(2, 7), dice.uniform(0, math.tau), dice.uniform(0.01, 0.045)) for _ in range(3)]
    ridge = [
        (step / 20, top + sum(height * math.sin(pitch * step / 20 + shift) for pitch, shift, height in waves))
        for step in range(-1, 22)
    ]
    sheet.shape([(-0.1, 1.1), *ridge, (1.1, 1.1)], colour)


def _tree(sheet: Sheet, dice: random.Random, x: float, y: float) -> None:
    size = 0.05 + 0.16 * y * y
    sheet.box(x - size * 0.08, y - size * 1.3, x + size * 0.08, y, sheet.palette.dark)
    crown = mix(sheet.palette.deep, dice.choice((sheet.palette.dark, sheet.palette.accent)), 0.35)
    sheet.oval(x, y - size * 1.6, (size * dice.uniform(0.3, 0.7), size), crown)


def _windows(sheet: Sheet, house: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = house
    for row in range(int((bottom - top) / 0.1)):
        for column in range(int((right - left) / 0.06)):
            x, y = left + 0.02 + column * 0.06, top + 0.03 + row * 0.1
            sheet.box(x, y, x + 0.03, y + 0.05, sheet.palette.dark)
