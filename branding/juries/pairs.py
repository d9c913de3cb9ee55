"""Which pairs of pictures a voter sees, in which order and on which sides."""

import random
from itertools import combinations
from typing import Final

MAX_VOTES: Final = 15  # votes of one voter, the repeated pair included

Pair = tuple[int, int]  # positions of the left and the right picture


def list_pairs(count: int, seed: str) -> list[Pair]:
    """Return the pairs of `count` pictures for one voter, in an order that follows from the seed.

    Sides are random, and the first pair comes again at the end with its sides exchanged: whoever
    answers it differently did not look, or cannot say.
    """
    chooser = random.Random(seed)
    pairs = [
        pair if chooser.random() < 0.5 else (pair[1], pair[0])
        for pair in combinations(range(count), 2)
    ]
    chooser.shuffle(pairs)
    shown = pairs[: MAX_VOTES - 1]
    return [*shown, (shown[0][1], shown[0][0])]
