"""Mutated images: each is read, or refused with a reason, and nothing else ever happens."""

import io
import random
import warnings

import pytest
from PIL import Image

from harvest.pictures import PixelBudget, Unreadable, shrink, verify

SEED = 0
KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "JPEG": ("JPEG", {}),
    "progressive JPEG": ("JPEG", {"progressive": True}),
    "MPO": ("MPO", {"save_all": True}),
    "PNG": ("PNG", {}),
    "GIF": ("GIF", {}),
    "WEBP": ("WEBP", {}),
    "TIFF": ("TIFF", {}),
    "packed TIFF": ("TIFF", {"compression": "tiff_lzw"}),
    "TIFF with a thumbnail first": ("TIFF", {"save_all": True, "append_images": [Image.new("RGB", (640, 480))]}),
    "JPEG2000": ("JPEG2000", {}),
}
BYTES = (0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF)


def original(kind: str) -> bytes:
    """Return a small image of a kind, with metadata where it takes some."""
    name, options = KINDS[kind]
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A] = 6, "a maker", 72.0
    image = Image.merge("RGB", [Image.linear_gradient("L").resize((64, 48)), *(Image.effect_noise((64, 48), 40),) * 2])
    target = io.BytesIO()
    image.save(target, name, exif=exif, **options)
    return target.getvalue()


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return a file with one to four changes: bytes, a bit, a piece removed, doubled, copied, zeroed or by chance."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        limit = chance.choice((64, 700, len(data)))  # the head holds most of what is structure
        place = chance.randrange(max(1, min(limit, len(data))))
        end = place + chance.choice((1, 2, 4, 40, len(data) // 2))
        change = chance.randrange(7)
        if change == 0:
            data[place:end] = bytes(chance.choice(BYTES) for _ in data[place:end])
        elif change == 1 and data:
            data[min(place, len(data) - 1)] ^= 1 << chance.randrange(8)
        elif change == 2:
            del data[place:end]
        elif change == 3:
            data[place:place] = data[place:end]
        elif change == 4:
            data[place:place] = data[end : end + 40]
        elif change == 5:
            data[place:end] = bytes(len(data[place:end]))
        else:
            data[place:end] = chance.randbytes(len(data[place:end]))
    return bytes(data)


def check(kind: str, number: int) -> None:
    """Read mutants of a kind twice; some are read, and each other one is refused for a reason."""
    content, budget = original(kind), PixelBudget(1_000_000)
    read, reasons = 0, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as where pictures are made
        for place in range(number):
            mutant = mutated(content, random.Random(f"{SEED} {kind} {place}"))
            for decode in (verify, shrink):
                try:
                    decode(mutant, budget)
                    read += 1
                except Unreadable as error:
                    reasons.append(str(error))
    assert read
    assert reasons
    assert all(reasons)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_image_is_read_or_refused_with_a_reason(kind: str) -> None:
    check(kind, 100)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_mutated_images_are_read_or_refused_with_a_reason(kind: str) -> None:
    check(kind, 2_500)
