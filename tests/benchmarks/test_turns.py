"""Ratios from runs in turns have the same verdict on a slow machine and on a noisy one."""

from random import Random
from statistics import median

import pytest

from benchmarks.report import Goal
from benchmarks.turns import Ratio, in_turns


class Machine:
    """A machine that runs a job of so many milliseconds: `speed` times slower, with a speed that wanders, and with
    `noise`: the share of runs that another process makes several times longer."""

    def __init__(self, seed, *, speed=1.0, noise=0.0):
        self.random, self.speed, self.noise, self.wander = Random(seed), speed, noise, 1.0

    def run(self, milliseconds):
        self.wander = min(3.0, max(0.5, self.wander * self.random.uniform(0.9, 1.12)))
        disturbed = self.random.uniform(1.5, 6) if self.random.random() < self.noise else 1.0
        return milliseconds * self.speed * self.wander * disturbed * self.random.uniform(0.97, 1.05)


def verdict(machine, ours, *, goal=4.5):
    pair = in_turns(
        lambda: machine.run(ours),
        lambda: machine.run(2.0),
        lambda made: made.ratio(float).is_clear(goal),
        least=25,
        most=200,
    )
    return pair.ratio(float).median <= goal


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("ours", "reached"), [(8.2, True), (9.8, False)])
@pytest.mark.parametrize("machine", [{}, {"speed": 2.5}, {"noise": 0.3}, {"speed": 2.5, "noise": 0.3}], ids=str)
def test_same_code_gets_the_same_verdict(machine, ours, reached, seed):
    assert verdict(Machine(seed, **machine), ours) is reached


def test_ratios_that_are_not_taken_in_turns_depend_on_the_moment():
    """What is avoided: all runs of the one, then all of the other, while the machine's speed wanders."""
    found = set()
    for seed in range(20):
        machine = Machine(seed)
        ours, theirs = ([machine.run(one) for _ in range(25)] for one in (8.2, 2.0))
        found.add(median(ours) / median(theirs) <= 4.5)
    assert found == {True, False}


def test_turns_alternate_after_the_warm_up():
    calls = []
    pair = in_turns(lambda: calls.append("A") or 6.0, lambda: calls.append("B") or 2.0, lambda _: True, least=3, most=9)
    assert "".join(calls) == "AB" * 5
    assert (pair.ours, pair.theirs) == ([6.0] * 3, [2.0] * 3)
    assert pair.ratio(float).median == 3


@pytest.mark.parametrize(("most", "made"), [(9, 9), (10, 10), (25, 25)])
def test_turns_end_when_enough_or_at_most(most, made):
    pair = in_turns(lambda: 1.0, lambda: 1.0, lambda _: False, least=3, most=most)
    assert len(pair.ours) == len(pair.theirs) == made


def test_median_lies_in_its_interval_as_often_as_it_must():
    random, inside = Random(5), 0
    for _ in range(1000):
        low, high = Ratio.of([random.lognormvariate(0, 1) for _ in range(31)], [1.0] * 31).between()
        inside += low <= 1.0 <= high
    # 99 %, and a little more since the places are whole numbers.
    assert 980 <= inside < 1000


@pytest.mark.parametrize("count", [1, 2, 7])
def test_few_turns_are_clear_of_nothing(count):
    assert Ratio.of([1.0] * count, [1.0] * count).between() == (0.0, float("inf"))


def test_narrow_goal_says_so():
    assert Goal("CPU", 4.4, 4.5, "", "4.2 to 4.6", is_clear=False).row() == (
        "CPU", "4.4", "4.2 to 4.6", "4.5", "yes, narrowly",
    )  # fmt: skip
    assert Goal("CPU", 4.6, 4.5).row()[-1] == "**no**"
