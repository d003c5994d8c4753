"""Answers that went wrong on the way: cut, flipped, spliced, in two encodings, with values of another kind."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

INSERTED = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"<?xml version='1.0'?>",
    b"<!--",
    b"]]>",
    b"&#xD800;",
    b"&#0;",
    b"&#x110000;",
    b'" href="http://[',
    b"%ed%a0%80",
    b"<meta charset='utf-16'>",
    b"\\ud800",
    b"</script><s>Date:</s>",
    b"[" * 5000,
    b"<div>" * 3000,
    b"x" * 70_000,
    b"9" * 5000,
)
VALUES: tuple[Any, ...] = (None, True, 0, -1, 2**31, 10**400, 1e308, "", "\ud800", "\x00", "x" * 70_000, [], {}, [[]])
VALUES += ({"a": {}}, "http://[", "//x/y", "/Date(99999999999999999999)/", [None], "NaN", " ", "\u202e", -0.0)
ENCODINGS = ("utf-16", "latin-1", "cp1252", "utf-8-sig", "utf-7", "cp037")

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def mutants(answers: Sequence[bytes], number: int, seed: int) -> Iterator[bytes]:
    """Yield so many mutants of some answers, each by one or two mutations; the same ones at each call."""
    dice = random.Random(seed)
    for _ in range(number):
        body = dice.choice(answers)
        for _ in range(dice.choice((1, 1, 2))):
            body = dice.choice(MUTATIONS)(body, dice, answers)
        yield body


def cut(body: bytes, dice: random.Random, _answers: Sequence[bytes]) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def without_middle(body: bytes, dice: random.Random, _answers: Sequence[bytes]) -> bytes:
    start, end = sorted((dice.randrange(len(body) + 1), dice.randrange(len(body) + 1)))
    return body[:start] + body[end:]


def flipped(body: bytes, dice: random.Random, _answers: Sequence[bytes]) -> bytes:
    changed = bytearray(body)
    for _ in range(dice.choice((1, 3, 30)) if body else 0):
        changed[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def spliced(body: bytes, dice: random.Random, answers: Sequence[bytes]) -> bytes:
    other = dice.choice(answers)
    return body[: dice.randrange(len(body) + 1)] + other[dice.randrange(len(other) + 1) :]


def inserted(body: bytes, dice: random.Random, _answers: Sequence[bytes]) -> bytes:
    place = dice.randrange(len(body) + 1)
    return body[:place] + dice.choice(INSERTED) + body[place:]


def encoded_otherwise(body: bytes, dice: random.Random, _answers: Sequence[bytes]) -> bytes:
    start, end = sorted((dice.randrange(len(body) + 1), dice.randrange(len(body) + 1)))
    middle = body[start:end].decode("utf-8", "replace").encode(dice.choice(ENCODINGS), "replace")
    return body[:start] + middle + body[end:]


def other_values(body: bytes, dice: random.Random, _answers: Sequence[bytes]) -> bytes:
    """Change a value of a JSON answer, or an attribute's or a text's value of a page."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return _other_attribute(body, dice)
    return json.dumps(_replaced(value, dice)).encode()


def _replaced(value: Any, dice: random.Random) -> Any:
    if not value or not isinstance(value, dict | list) or dice.random() < 0.1:
        return dice.choice(VALUES)
    key = dice.choice(list(value)) if isinstance(value, dict) else dice.randrange(len(value))
    value[key] = _replaced(value[key], dice)
    return value


def _other_attribute(body: bytes, dice: random.Random) -> bytes:
    quotes = [place for place, byte in enumerate(body) if byte in b'"<>']
    if len(quotes) < 2:
        return body
    first = dice.randrange(len(quotes) - 1)
    value = str(dice.choice(VALUES)) if dice.random() < 0.7 else json.dumps(dice.choice(VALUES))
    return body[: quotes[first] + 1] + value.encode("utf-8", "surrogatepass") + body[quotes[first + 1] :]


MUTATIONS: tuple[Mutation, ...] = (
    cut,
    without_middle,
    flipped,
    spliced,
    inserted,
    encoded_otherwise,
    other_values,
    other_values,
)
