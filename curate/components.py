"""Connected components: which paintings belong together when pairs of them do."""

from collections.abc import Iterable, Sequence


def components(number: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Return for each of the numbers below `number` the smallest one that pairs connect it with, itself at least."""
    parents = list(range(number))

    def root(node: int) -> int:
        while parents[node] != node:
            parents[node] = node = parents[parents[node]]
        return node

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        parents[high] = low
    return [root(node) for node in range(number)]


def group_ids(content_ids: Sequence[str], pairs: Iterable[tuple[int, int]]) -> list[str | None]:
    """Return for each painting its group's id, the smallest content id in it; None for one that is alone.

    Args:
        content_ids: Of the paintings, each once, in any order.
        pairs: Positions of paintings that belong together.
    """
    roots = components(len(content_ids), pairs)
    members: dict[int, list[str]] = {}
    for content_id, root in zip(content_ids, roots, strict=True):
        members.setdefault(root, []).append(content_id)
    names = {root: min(group) if len(group) > 1 else None for root, group in members.items()}
    return [names[root] for root in roots]


def consecutive_pairs(keys: Iterable[object]) -> list[tuple[int, int]]:
    """Return pairs of positions that connect all that have the same key; None is no key."""
    last: dict[object, int] = {}
    pairs = []
    for position, key in enumerate(keys):
        if key is not None:
            if key in last:
                pairs.append((last[key], position))
            last[key] = position
    return pairs
