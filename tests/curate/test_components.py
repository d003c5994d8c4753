import random

from hypothesis import given
from hypothesis import strategies as st

from curate.components import components, consecutive_pairs, group_ids

PAIRS = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=20)


def reached(pairs: list[tuple[int, int]], start: int) -> set[int]:
    """What pairs connect with a node, by walking."""
    seen, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        beside = {b for a, b in pairs if a == node} | {a for a, b in pairs if b == node}
        waiting += beside - seen
        seen |= beside
    return seen


@given(PAIRS)
def test_components_are_what_can_be_reached(pairs: list[tuple[int, int]]) -> None:
    assert components(20, pairs) == [min(reached(pairs, node)) for node in range(20)]


@given(PAIRS, st.randoms(use_true_random=False))
def test_a_groups_id_depends_on_no_order(pairs: list[tuple[int, int]], chance: random.Random) -> None:
    ids = [f"met:{number}" for number in range(20)]
    new = chance.sample(range(20), 20)  # the painting at each new position
    at = {old: position for position, old in enumerate(new)}
    moved = group_ids([ids[old] for old in new], [(at[b], at[a]) for a, b in chance.sample(pairs, len(pairs))])
    before = group_ids(ids, pairs)
    assert moved == [before[old] for old in new]


def test_one_that_is_alone_has_no_group() -> None:
    assert group_ids(["b", "a", "c"], [(0, 1)]) == ["a", "a", None]
    assert group_ids(["b"], [(0, 0)]) == [None]


def test_equal_keys_are_connected_and_none_is_no_key() -> None:
    assert consecutive_pairs(["x", None, "y", "x", None, "x"]) == [(0, 3), (3, 5)]
