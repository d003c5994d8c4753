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
    rng = random.Random(seed)
    for _ in range(number):
        body = rng.choice(answers)
        for _ in range(rng.choice((1, 1, 2))):
            body = rng.choice(MUTATIONS)(body, rng, answers)
        yield body


def cut(body: bytes, rng: random.Random, _answers: Sequence[bytes]) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def without_middle(body: bytes, rng: random.Random, _answers: Sequence[bytes]) -> bytes:
    start, end = sorted((rng.randrange(len(body) + 1), rng.randrange(len(body) + 1)))
    return body[:start] + body[end:]


def flipped(body: bytes, rng: random.Random, _answers: Sequence[bytes]) -> bytes:
    changed = bytearray(body)
    for _ in range(rng.choice((1, 3, 30)) if body else 0):
        changed[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def spliced(body: bytes, rng: random.Random, answers: Sequence[bytes]) -> bytes:
    other = rng.choice(answers)
    return body[: rng.randrange(len(body) + 1)] + other[rng.randrange(len(other) + 1) :]


def inserted(body: bytes, rng: random.Random, _answers: Sequence[bytes]) -> bytes:
    place = rng.randrange(len(body) + 1)
    return body[:place] + rng.choice(INSERTED) + body[place:]


def encoded_otherwise(body: bytes, rng: random.Random, _answers: Sequence[bytes]) -> bytes:
    start, end = sorted((rng.randrange(len(body) + 1), rng.randrange(len(body) + 1)))
    middle = body[start:end].decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace")
    return body[:start] + middle + body[end:]


def other_values(body: bytes, rng: random.Random, _answers: Sequence[bytes]) -> bytes:
    """Change a value of a JSON answer, or an attribute's or a text's value of a page."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return _other_attribute(body, rng)
    return json.dumps(_replaced(value, rng)).encode()


def _replaced(value: Any, rng: random.Random) -> Any:
    if not value or not isinstance(value, dict | list) or rng.random() < 0.1:
        return rng.choice(VALUES)
    key = rng.choice(list(value)) if isinstance(value, dict) else rng.randrange(len(value))
    value[key] = _replaced(value[key], rng)
    return value


def _other_attribute(body: bytes, rng: random.Random) -> bytes:
    quotes = [place for place, byte in enumerate(body) if byte in b'"<>']
    if len(quotes) < 2:
        return body
    first = rng.randrange(len(quotes) - 1)
    value = str(rng.choice(VALUES)) if rng.random() < 0.7 else json.dumps(rng.choice(VALUES))
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
