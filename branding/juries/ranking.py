"""Order pictures by votes between pairs of them, with how sure the order is.

Model: R. A. Bradley and M. E. Terry, "Rank Analysis of Incomplete Block Designs: I. The Method of
Paired Comparisons", Biometrika 39 (1952): the first of two pictures wins with the probability
1 / (1 + exp(b - a)), where a and b are their strengths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

# Strengths are taken to come from a normal distribution of this standard deviation, so that a
# picture that won every vote gets a finite one; 1 means that a picture wins 73 % of its votes
# against one that is weaker by it.
PRIOR_DEVIATION: Final = 1.0
ITERATIONS: Final = 12  # Newton's method has converged after fewer than ten
SAMPLES: Final = 4000  # draws from the posterior distribution
CLEARLY_AHEAD: Final = 0.9  # probability of being the best

Vote = tuple[int, int]  # index of the winner, index of the loser


@dataclass(frozen=True)
class Ranking:
    """Strength of each picture, its standard error, and the probability that it is the best."""

    strengths: tuple[float, ...]
    errors: tuple[float, ...]
    best_probabilities: tuple[float, ...]

    @property
    def order(self) -> list[int]:
        """The indexes of the pictures, the strongest first."""
        return sorted(range(len(self.strengths)), key=lambda index: -self.strengths[index])

    @property
    def is_decided(self) -> bool:
        """Whether one picture is clearly ahead of all others."""
        return max(self.best_probabilities) >= CLEARLY_AHEAD


def rank_pictures(count: int, votes: Sequence[Vote]) -> Ranking:
    """Fit strengths to votes by Newton's method, with a normal approximation of their posterior.

    `count` is the number of pictures. Deterministic: the same votes give the same numbers.
    """
    strengths, covariance = _fit(count, votes)
    samples = np.random.default_rng(0).multivariate_normal(strengths, covariance, SAMPLES)
    best = np.bincount(samples.argmax(axis=1), minlength=count) / SAMPLES
    return Ranking(
        tuple(map(float, strengths)),
        tuple(map(float, np.sqrt(np.diag(covariance)))),
        tuple(map(float, best)),
    )


def sample_strengths(
    count: int, votes: Sequence[Vote], *, size: int, seed: int
) -> NDArray[np.float64]:
    """Return draws of all strengths from their posterior distribution: an array of size×count."""
    return np.random.default_rng(seed).multivariate_normal(*_fit(count, votes), size)


def _fit(count: int, votes: Sequence[Vote]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and covariance of the strengths."""
    pairs = np.array(votes, np.int_).reshape(-1, 2)
    winners, losers = pairs[:, 0], pairs[:, 1]
    strengths: NDArray[np.float64] = np.zeros(count)
    precision = np.eye(count) / PRIOR_DEVIATION**2
    for _ in range(ITERATIONS):
        gradient, precision = _differentiate(strengths, winners, losers)
        strengths = strengths + np.linalg.solve(precision, gradient)
    return strengths, np.asarray(np.linalg.inv(precision), np.float64)


def _differentiate(
    strengths: NDArray[np.float64], winners: NDArray[np.int_], losers: NDArray[np.int_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return gradient and negative Hessian of the logarithm of the posterior density."""
    surprise = expit(strengths[losers] - strengths[winners])
    gradient = -strengths / PRIOR_DEVIATION**2
    np.add.at(gradient, winners, surprise)
    np.add.at(gradient, losers, -surprise)
    information = surprise * (1 - surprise)
    precision = np.eye(len(strengths)) / PRIOR_DEVIATION**2
    for rows, columns, sign in (
        (winners, winners, 1),
        (losers, losers, 1),
        (winners, losers, -1),
        (losers, winners, -1),
    ):
        np.add.at(precision, (rows, columns), sign * information)
    return gradient, precision
