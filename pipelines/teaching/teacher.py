"""Kernel: what every teacher is: anything that says how well a posting's text fits a member's."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

GRADES = (0, 1, 2, 3, 4)


class Pair(NamedTuple):
    """A member's text and a posting's."""

    left: str
    right: str


class Cost(NamedTuple):
    """What has been paid."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def plus(self, other: "Cost") -> "Cost":
        """Both together."""
        return Cost(*(one + two for one, two in zip(self, other, strict=True)))


NOTHING_PAID = Cost()


@dataclass(frozen=True)
class Verdict:
    """What a teacher says of one pair; without a score it is a refusal, and `refusal` says why.

    Args:
        place: of the pair among those that were asked for.
        score: [0, 1].
        grade: 0 to 4, of a judge.
    """

    place: int
    score: float | None
    grade: int | None = None
    refusal: str = ""
    cost: Cost = NOTHING_PAID


class BudgetSpent(Exception):
    """Raised when a teacher may not be asked any more in this run; what it has said stays said."""


class Teacher(Protocol):
    """Anything that scores pairs."""

    @property
    def teacher_id(self) -> str:
        """Who it is: equal ids give equal scores."""
        ...

    @property
    def policy_version(self) -> str:
        """Of the written policy that it reads; empty for one that reads none."""
        ...

    def score(self, pairs: Sequence[Pair]) -> Iterator[Sequence[Verdict]]:
        """A verdict for each pair, in groups, each as soon as it is known and in any order.

        Raises:
            ArtifactError: it cannot be asked; what came before holds.
            BudgetSpent: it may not be asked any more; what came before holds.
        """
        ...


class Encoder(Teacher, Protocol):
    """A teacher that turns texts into vectors a student can learn, and lends it a vocabulary to start from."""

    @property
    def tokenizer(self) -> Tokenizer:
        """How the student will cut its texts, too; the caller owns it."""
        ...

    @property
    def token_table(self) -> npt.NDArray[np.float32]:
        """float32 [n_tokens, width], the input vector of each token id; width 0 for a teacher that shows none."""
        ...

    def encode(self, texts: Sequence[str], progress: Callable[[str], None]) -> npt.NDArray[np.float32]:
        """float32 [len(texts), d], unit length."""
        ...


def pair_hash(pair: Pair) -> str:
    """The pair's key: sha256 of the hex sha256 of both texts, a newline between them."""
    left, right = (hashlib.sha256(text.encode()).hexdigest() for text in pair)
    return hashlib.sha256(f"{left}\n{right}".encode()).hexdigest()
