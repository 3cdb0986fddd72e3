"""Kernel: pairs scored once and for all: every verdict is on disk before the next is asked for."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.publishing.ledger import Ledger
from pipelines.teaching.plan import TeacherPlan
from pipelines.teaching.teacher import BudgetSpent, Cost, Pair, Verdict, pair_hash
from schemas.errors import ArtifactError, QualityGateError

OUTCOMES = ("scored", "refused", "left", "failed")
_UNSAFE = re.compile(r"[^\w.@+-]+")


@dataclass(frozen=True)
class Outcome:
    """What became of a pair.

    Args:
        outcome: `scored`; `refused` by the teacher; `left`, because the budget is spent; `failed`, because the teacher
            could not be asked.
        reason: why not, where it was not scored.
    """

    outcome: Literal["scored", "refused", "left", "failed"]
    score: float | None = None
    grade: int | None = None
    reason: str = ""


def ledger_folder(root: Path, teacher_id: str, policy_version: str) -> Path:
    """Where the verdicts of one teacher under one policy lie.

    >>> str(ledger_folder(Path("var"), "package:mini/lm@0f", ""))
    'var/teaching/package-mini-lm@0f/no-policy'
    """
    return root / "teaching" / _UNSAFE.sub("-", teacher_id) / (policy_version or "no-policy")


class Scorer:
    """A teacher whose verdicts are kept: what any process of any run has on disk is not asked for again.

    Args:
        ledger: of this teacher under this policy.
        run_id: whose budget is spent; a run that was killed continues with what it had left.
    """

    def __init__(self, plan: TeacherPlan, ledger: Ledger, run_id: str) -> None:
        self._ledger = ledger
        self._run_id = run_id
        self._known: dict[str, Outcome] = {}
        spent = Cost()
        for line in ledger.lines():
            if line["score"] is not None:
                self._known[line["pair_hash"]] = Outcome("scored", line["score"], line["grade"])
            if line["run_id"] == run_id:
                spent = spent.plus(Cost(line["requests"], line["input_tokens"], line["output_tokens"]))
        self._teacher = plan.open(spent)
        self._stopped: Outcome | None = None

    def score(self, pairs: Sequence[Pair]) -> list[Outcome]:
        """What became of each pair; after a failure or a spent budget, nothing more is asked."""
        hashes = [pair_hash(pair) for pair in pairs]
        asked = {one: pair for one, pair in zip(hashes, pairs, strict=True) if one not in self._known}
        refused: dict[str, Outcome] = {}
        if asked and self._stopped is None:
            try:
                for verdicts in self._teacher.score(list(asked.values())):
                    self._keep(list(asked), verdicts, refused)
            except BudgetSpent as spent:
                self._stopped = Outcome("left", reason=str(spent))
            except ArtifactError as error:
                self._stopped = Outcome("failed", reason=str(error))
        rest = self._stopped or Outcome("failed", reason="the teacher gave no verdict")
        return [self._known.get(one) or refused.get(one) or rest for one in hashes]

    def _keep(self, hashes: Sequence[str], verdicts: Sequence[Verdict], refused: dict[str, Outcome]) -> None:
        self._ledger.append(
            [
                {
                    "pair_hash": hashes[verdict.place],
                    "grade": verdict.grade,
                    "score": verdict.score,
                    "run_id": self._run_id,
                    **verdict.cost._asdict(),
                }
                for verdict in verdicts
            ]
        )
        for verdict in verdicts:
            if verdict.score is None:
                refused[hashes[verdict.place]] = Outcome("refused", reason=verdict.refusal)
            else:
                self._known[hashes[verdict.place]] = Outcome("scored", verdict.score, verdict.grade)


def account_for(counts: Mapping[tuple[str, str], int], *, max_malformed_share: float) -> str:
    """What became of all pairs, in words.

    Args:
        counts: pairs by outcome and reason.

    Raises:
        ArtifactError: the teacher could not be asked.
        QualityGateError: it refused more than its share.

    >>> account_for(Counter({("scored", ""): 8, ("left", "max_requests (8) is used up"): 2}), max_malformed_share=0)
    '8 scored; 2 left: max_requests (8) is used up'
    """
    total: Counter[str] = Counter()
    for (outcome, _), count in counts.items():
        total[outcome] += count
    parts = [
        f"{count} {outcome}" + (f": {reason}" if reason else "") for (outcome, reason), count in sorted(counts.items())
    ]
    said = "; ".join(sorted(parts, key=lambda part: " scored" not in part)) or "no pair to score"
    if total["failed"]:
        raise ArtifactError(f"{said}; what is scored is kept, and the same command continues")
    answered = total["scored"] + total["refused"]
    if total["refused"] > max_malformed_share * answered:
        raise QualityGateError(f"{said}; at most {max_malformed_share:.0%} of answers may be refused")
    return said
