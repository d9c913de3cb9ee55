"""Which pairs of pictures a voter sees, in which order and on which sides.

Everybody begins with a random pair. The others are drawn as the two best pictures of a sample of
what the votes before say about all of them, so that people compare what is still open and not what
is clearly behind: top-two sampling, D. Russo, "Simple Bayesian Algorithms for Best-Arm
Identification", Operations Research 68 (2020), 10.1287/opre.2019.1911.
"""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from branding.juries.ranking import Vote, sample_strengths

MAX_VOTES: Final = 15  # votes of one voter, the repeated pair included
MAX_SHOWN: Final = 3  # times that one voter sees a pair
SAMPLES: Final = 400

Pair = tuple[int, int]  # positions of the left and the right picture


def list_pairs(count: int, seed: str, votes: Sequence[Vote] = ()) -> list[Pair]:
    """Return the pairs of `count` pictures for one voter, which follow from the seed.

    `votes` are those of others before. Sides are random, and the first pair comes again at the end
    with its sides exchanged: whoever answers it differently did not look, or cannot say.
    """
    chooser = random.Random(seed)
    first = chooser.choice(list(combinations(range(count), 2)))
    show_counts = Counter({first: MAX_SHOWN})  # so that it is shown at the end only
    chances = _rate_pairs(count, chooser.getrandbits(32), votes)
    pairs = [_exchange_sides(first, chooser)]
    while len(pairs) < MAX_VOTES - 1:
        open_pairs = [pair for pair in chances if show_counts[pair] < MAX_SHOWN]
        if not open_pairs:
            break
        weights = [chances[pair] for pair in open_pairs]
        pair = chooser.choices(open_pairs, weights)[0]
        show_counts[pair] += 1
        pairs.append(_exchange_sides(pair, chooser))
    return [*pairs, pairs[0][::-1]]


def _rate_pairs(count: int, seed: int, votes: Sequence[Vote]) -> dict[Pair, float]:
    """Return of each pair how often its pictures are the two best ones, and at least a little."""
    samples = sample_strengths(count, votes, size=SAMPLES, seed=seed)
    best_two = np.sort(np.argsort(-samples, axis=1)[:, :2], axis=1)
    counts = Counter(map(tuple, best_two.tolist()))
    return {pair: counts[pair] + 1 for pair in combinations(range(count), 2)}


def _exchange_sides(pair: Pair, chooser: random.Random) -> Pair:
    return pair if chooser.random() < 0.5 else pair[::-1]
