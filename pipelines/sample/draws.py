"""Kernel: random draws that depend on nothing but what they are named after.

Only `Random.random` is used of the standard library: its sequence is promised to stay the same in every Python version,
that of `choice` or `sample` is not.
"""

import hashlib
import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

Value = TypeVar("Value")


def number(*name: object) -> int:
    """A number in [0, 2**64) that is the same for the same name on every machine.

    >>> number(7, "posting", 1) == number(7, "posting", 1), number(7, "posting", 1) == number(7, "posting", 2)
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b("|".join(map(str, name)).encode(), digest_size=8).digest(), "big")


def share(*name: object) -> float:
    """A number in [0, 1] that is the same for the same name, evenly spread over names."""
    return number(*name) / 2**64


class Draws:
    """An endless sequence of draws, the same for the same name."""

    __slots__ = ("unit",)

    def __init__(self, *name: object) -> None:
        self.unit = random.Random(number(*name)).random  # next draw in [0, 1)

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.unit() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, values: Sequence[Value]) -> Value:
        """One of the values, each equally likely."""
        return values[int(self.unit() * len(values))]

    def some(self, values: Sequence[Value], count: int) -> list[Value]:
        """At most `count` different ones of the values, in random order."""
        pool = list(values)
        count = min(count, len(pool))
        for at in range(count):
            other = at + int(self.unit() * (len(pool) - at))
            pool[at], pool[other] = pool[other], pool[at]
        return pool[:count]


class Odds(Generic[Value]):
    """Values and how likely each is; the weights need not sum to anything."""

    __slots__ = ("_cumulative", "_values")

    def __init__(self, weights: Mapping[Value, float]) -> None:
        self._values = tuple(weights)
        self._cumulative = list(accumulate(weights.values()))

    def draw(self, draws: Draws) -> Value:
        """One of the values, as likely as its weight says."""
        return self.at(draws.unit())

    def at(self, unit: float) -> Value:
        """The value at a point of [0, 1), of which each value takes up its share in the order given.

        >>> Odds({"heads": 1, "tails": 3}).at(0.3)
        'tails'
        """
        place = bisect(self._cumulative, unit * self._cumulative[-1])
        return self._values[min(place, len(self._values) - 1)]
