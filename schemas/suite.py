"""What a quality suite is: rules, each a measure of a frame and its bounds.

A measure is a Spark SQL aggregate that yields one number per frame; a rule bounds it. A bound given as a name is a
threshold of the `[quality]` configuration, or of `[fairness]` for the audit. A condition counts as broken wherever it
is not true, null included; a measure that is null fails.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

Bound = float | str | None  # a number, the name of a threshold, or open
Severity = Literal["block", "warn"]


@dataclass(frozen=True)
class Rule:
    """A measure and its inclusive bounds; outside them the night is blocked, or only warned about."""

    name: str
    measure: str
    minimum: Bound = None
    maximum: Bound = None
    severity: Severity = "block"

    def __post_init__(self) -> None:
        """Refuse a rule that nothing can break."""
        if self.minimum is None and self.maximum is None:
            raise ValueError(f"rule {self.name} has no bound")


@dataclass(frozen=True)
class Suite:
    """The rules that one frame of a gate is held to; a rule's name is unique within its gate."""

    gate: str
    table: str
    rules: tuple[Rule, ...]


def always(name: str, condition: str) -> Rule:
    """The rule that a condition is true of every row; its measure is the number of rows that break it.

    >>> always("titles", "title <> ''").measure
    "count_if((title <> '') IS NOT TRUE)"
    """
    return Rule(name, f"count_if(({condition}) IS NOT TRUE)", maximum=0)


def blocking(suite: Suite, names: Collection[str]) -> Suite:
    """The suite with the named rules blocking; the others stay as they are."""
    rules = (replace(rule, severity="block") if rule.name in names else rule for rule in suite.rules)
    return replace(suite, rules=tuple(rules))
