"""The painter: turns a commission (a hand, a motif, a seed) into a JPEG, the same bytes every time."""

import functools
import io
import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from tests.museum.chance import dice as dice_for
from tests.museum.motifs import MOTIFS, Colour, Palette, Sheet, mix

Pixels = npt.NDArray[np.float32]  # (height, width, 3), 0-255
FINE = 2  # strokes are drawn this much larger, then reduced, for smooth edges
QUALITY = 90  # of the JPEGs
WIDE = ("landscape", "marina", "cityscape", "still life")


@dataclass(frozen=True, slots=True)
class Hand:
    """How one artist paints, whatever they paint."""

    palette: Palette
    mark: str  # line, dot, knife or curl
    length: float  # of a mark, as a share of the shorter side
    breadth: float  # of a mark, as a share of the shorter side
    marks: int  # on one painting
    flow: str  # level, slanted, swirling, upright or any
    unrest: float  # how far marks and their colours stray; 0 to 1
    texture: str  # weave, grain, crackle or paper
    contour: int = 0  # pixels of dark line around shapes
    softness: float = 0.0  # pixels over which edges melt


@dataclass(frozen=True, slots=True)
class Commission:
    """What is to be painted; equal commissions give equal bytes."""

    hand: Hand
    motif: str
    seed: str
    small: bool = False  # under 300 pixels

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, known before it is painted."""
        dice = dice_for("size", self.seed)
        short = dice.randint(200, 290) if self.small else dice.randint(320, 420)
        long = round(short * dice.uniform(1.05, 1.4))
        return (long, short) if self.motif in WIDE else (short, long)

    @property
    def width(self) -> int:
        """In pixels."""
        return self.size[0]

    @property
    def height(self) -> int:
        """In pixels."""
        return self.size[1]

    def jpeg(self) -> bytes:
        """Return the painting's file."""
        return paint(self)


@functools.lru_cache(maxsize=2048)
def paint(commission: Commission) -> bytes:
    """Paint a commission: drawing, marks of the brush, light, texture."""
    hand, dice = commission.hand, dice_for("paint", commission.seed)
    sheet = Sheet(commission.size, _mood(hand.palette, dice), contour=hand.contour)
    MOTIFS[commission.motif](sheet, dice)
    painted = np.asarray(_brushed(sheet, hand, dice), dtype=np.float32)
    textured = _textured(_lit(painted, dice), hand.texture, dice)
    return encoded(Image.fromarray(np.clip(textured, 0, 255).astype(np.uint8)))


def encoded(image: Image.Image, quality: int = QUALITY) -> bytes:
    """Return an image as the bytes of a JPEG."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _mood(palette: Palette, dice: random.Random) -> Palette:
    """Shift a palette a little towards one tint: no two days have the same light."""
    tint = (dice.randint(40, 230), dice.randint(40, 230), dice.randint(40, 230))
    share = dice.uniform(0.0, 0.2)
    return Palette(*(mix(colour, tint, share) for colour in palette.colours))


def _brushed(sheet: Sheet, hand: Hand, dice: random.Random) -> Image.Image:
    width, height = sheet.image.size
    canvas = sheet.image.resize((width * FINE, height * FINE), Image.Resampling.NEAREST)
    draw, seen = ImageDraw.Draw(canvas), sheet.image.load()
    short = min(width, height) * FINE
    for done in range(hand.marks):
        x, y, finer = dice.random(), dice.random(), 1.4 - 0.9 * done / hand.marks
        colour = _stray(seen[int(x * width), int(y * height)], hand, dice)  # type: ignore[index]
        angle = _direction(hand.flow, x, y) + dice.uniform(-1, 1) * hand.unrest
        scale = short * finer * dice.uniform(0.7, 1.3)
        size = (hand.length * scale, hand.breadth * scale)
        _mark(draw, hand.mark, (x * width * FINE, y * height * FINE), size, angle, colour)
    canvas.paste(sheet.palette.dark, mask=sheet.lines.resize(canvas.size, Image.Resampling.BILINEAR))
    return canvas.reduce(FINE).filter(ImageFilter.GaussianBlur(hand.softness))


def _stray(seen: Any, hand: Hand, dice: random.Random) -> Colour:
    """Return what the brush holds: the colour seen, a little off, now and then one of the palette's own."""
    if dice.random() < hand.unrest * 0.12:
        seen = mix(seen, dice.choice(hand.palette.colours), 0.6)
    value = dice.uniform(-34, 34) * (0.35 + hand.unrest)
    red, green, blue = (int(min(255, max(0, channel + value + dice.uniform(-9, 9)))) for channel in seen)
    return (red, green, blue)


def _direction(flow: str, x: float, y: float) -> float:
    """Return the angle of the marks at a place, in radians."""
    match flow:
        case "level":
            return 0.12 * math.sin(9 * x)
        case "slanted":
            return -math.pi / 4
        case "upright":
            return math.pi / 2
        case "swirling":
            return math.sin(5 * x + 2 * y) * 1.7 + math.cos(6 * y - 3 * x) * 1.7
        case _:
            return (x * 977 + y * 661) % math.pi


def _mark(
    draw: ImageDraw.ImageDraw,
    kind: str,
    at: tuple[float, float],
    size: tuple[float, float],
    angle: float,
    colour: Colour,
) -> None:
    (x, y), (long, broad) = at, size
    across, down = math.cos(angle) * long / 2, math.sin(angle) * long / 2
    match kind:
        case "dot":
            draw.ellipse((x - broad, y - broad, x + broad, y + broad), fill=colour)
        case "curl":
            turns = [angle + step * 0.33 for step in range(5)]
            points = [(x + long * math.cos(turn), y + long * math.sin(turn)) for turn in turns]
            draw.line(points, fill=colour, width=max(2, int(broad)))
        case "knife":
            aside, below = -math.sin(angle) * broad / 2, math.cos(angle) * broad / 2
            draw.polygon(
                [
                    (x - across - aside, y - down - below),
                    (x + across - aside, y + down - below),
                    (x + across + aside, y + down + below),
                    (x - across + aside, y - down + below),
                ],
                fill=colour,
            )
        case _:
            draw.line((x - across, y - down, x + across, y + down), fill=colour, width=max(2, int(broad)))


def _lit(pixels: Pixels, dice: random.Random) -> Pixels:
    """Let light fall from one side."""
    height, width, _ = pixels.shape
    angle, strength = dice.uniform(0, math.tau), dice.uniform(0.05, 0.2)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * math.cos(angle)
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * math.sin(angle)
    return (pixels * (1 + strength * (across + down))[..., None]).astype(np.float32)


def _textured(pixels: Pixels, texture: str, dice: random.Random) -> Pixels:
    height, width, _ = pixels.shape
    noise = (
        np.frombuffer(dice.randbytes(height * width), np.uint8).reshape(height, width).astype(np.float32) / 127.5 - 1
    )
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    match texture:
        case "weave":
            threads = 7 * ((rows // 2 + columns // 2) % 2) + 4 * noise
        case "grain":
            threads = 17 * noise
        case "crackle":
            threads = -38.0 * _cracks(width, height, dice) + 3 * noise
        case _:
            threads = 5 * noise + 6 * ((rows * 3 + columns) % 7 == 0)
    return (pixels + np.asarray(threads, dtype=np.float32)[..., None]).astype(np.float32)


def _cracks(width: int, height: int, dice: random.Random) -> Pixels:
    """Return a mask of fine branching lines, as in old varnish; (height, width), 0 or 1."""
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    for _ in range(26):
        x, y, angle = dice.uniform(0, width), dice.uniform(0, height), dice.uniform(0, math.tau)
        points = [(x, y)]
        for _ in range(dice.randint(4, 12)):
            angle += dice.uniform(-0.7, 0.7)
            x, y = x + 9 * math.cos(angle), y + 9 * math.sin(angle)
            points.append((x, y))
        draw.line(points, fill=1)
    return np.asarray(image, dtype=np.float32)
