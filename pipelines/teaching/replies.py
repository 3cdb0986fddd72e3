"""Kernel: a chat completion, read strictly: its words, and a grade from 0 to 4 or nothing."""

import math
import re
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ValidationError

from pipelines.teaching.teacher import GRADES, Cost

_ANSWER = re.compile(r"(?:grade\s*[:=]?\s*)?([0-4])\.?", re.IGNORECASE)


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Token(BaseModel):
    token: str
    logprob: float


class _Step(_Token):
    top_logprobs: list[_Token] | None = None


class _Logprobs(BaseModel):
    content: list[_Step] | None = None


class _Message(BaseModel):
    content: str


class _Choice(BaseModel):
    message: _Message
    logprobs: _Logprobs | None = None


class _Completion(BaseModel):
    choices: list[_Choice]


class _Paid(BaseModel):
    usage: _Usage | None = None


@dataclass(frozen=True)
class Reply:
    """What an endpoint sent back.

    Args:
        grade: 0 to 4; None for a malformed answer, which is never guessed at.
        score: the expected grade over 4, from the probabilities of the five digits where they came; else the grade
            over 4.
        text: the answer as it came; empty for a response that holds none.
    """

    grade: int | None
    score: float | None
    cost: Cost
    text: str = ""

    @classmethod
    def of(cls, content: bytes) -> Self:
        """The reply in a response's body."""
        try:
            usage = _Paid.model_validate_json(content).usage or _Usage()
        except ValidationError:
            usage = _Usage()
        cost = Cost(1, usage.prompt_tokens, usage.completion_tokens)
        try:
            [choice, *_] = _Completion.model_validate_json(content).choices
        except (ValidationError, ValueError):
            return cls(None, None, cost)
        found = _ANSWER.fullmatch(choice.message.content.strip())
        if found is None:
            return cls(None, None, cost, choice.message.content)
        grade = int(found[1])
        steps = (choice.logprobs.content if choice.logprobs else None) or []
        return cls(grade, _expected(grade, steps) / max(GRADES), cost, choice.message.content)


def _expected(grade: int, steps: list[_Step]) -> float:
    """The mean grade under the probabilities of the step that wrote the grade, over the digits 0 to 4 alone.

    >>> half = math.log(0.5)
    >>> step = _Step(token="3", logprob=half, top_logprobs=[_Token(token=t, logprob=half) for t in ("3", " 4", "x")])
    >>> _expected(3, [step]), _expected(3, [])
    (3.5, 3.0)
    """
    step = next((step for step in steps if step.token.strip() == str(grade)), None)
    weights = dict.fromkeys(GRADES, 0.0)
    for token in (step.top_logprobs if step else None) or []:
        if token.token.strip() in map(str, GRADES):
            weights[int(token.token)] += math.exp(token.logprob)
    total = sum(weights.values())
    return sum(one * weight for one, weight in weights.items()) / total if total else float(grade)
