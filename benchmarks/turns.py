"""Ratios from runs in turns: A B A B …, so that whatever else the machine does affects both sides of a ratio alike.

The ratio is taken within each turn, and the median of all turns counts. A slower machine makes both sides slower, and a
noisy one makes the quartiles wider. If the median cannot yet be told from the goal, more turns are made.
"""

from collections.abc import Callable, Sequence
from math import comb
from statistics import median, quantiles
from typing import Generic, NamedTuple, TypeVar

Run = TypeVar("Run")

#: How sure it must be that the true median is on the side of the goal on which it was found.
SURE = 0.99


class Ratio(NamedTuple):
    """The ratios of each turn, in ascending order."""

    turns: tuple[float, ...]

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> "Ratio":
        """The ratios of what was measured in the same turns."""
        return cls(tuple(sorted(one / other for one, other in zip(ours, theirs, strict=True))))

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.turns)

    @property
    def spread(self) -> str:
        """The quartiles, as a text."""
        low, _, high = quantiles(self.turns, n=4, method="inclusive")
        return f"{low:.2f} to {high:.2f}"

    def between(self) -> tuple[float, float]:
        """Between which the true median is, with the probability `SURE`, whatever the distribution is.

        The k-th smallest of n is above the true median only if fewer than k are below it, as with n tosses of a coin.
        """
        count, below = len(self.turns), 0.0
        for place in range(count // 2):
            below += comb(count, place) / 2**count
            if below > (1 - SURE) / 2:
                return (self.turns[place - 1], self.turns[-place]) if place else (0.0, float("inf"))
        return 0.0, float("inf")

    def is_clear(self, goal: float) -> bool:
        """True if the true median surely is on one side of the goal."""
        low, high = self.between()
        return high < goal or low > goal


class Pair(NamedTuple, Generic[Run]):
    """What was measured on both sides in each turn."""

    ours: list[Run]
    theirs: list[Run]

    def ratio(self, of: Callable[[Run], float]) -> Ratio:
        """The ratios of a figure of each run."""
        return Ratio.of([of(run) for run in self.ours], [of(run) for run in self.theirs])


def in_turns(
    ours: Callable[[], Run],
    theirs: Callable[[], Run],
    enough: Callable[[Pair[Run]], bool],
    *,
    least: int,
    most: int,
    warm_ups: int = 2,
) -> Pair[Run]:
    """Run both in turns, from `least` to `most` times: until that is `enough`. The first `warm_ups` don't count."""
    for _ in range(warm_ups):
        ours(), theirs()
    made: Pair[Run] = Pair([], [])
    while len(made.ours) < most:
        for _ in range(min(least, most - len(made.ours))):
            made.ours.append(ours())
            made.theirs.append(theirs())
        if enough(made):
            break
    return made
