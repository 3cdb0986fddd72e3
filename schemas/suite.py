"""What a quality suite is: rules, each a measure of a frame and its bounds.

A measure is a Spark SQL aggregate that yields one number per frame; a rule bounds it. A bound given as a name is a
threshold of the `[quality]` configuration, or of `[fairness]` for the audit. A condition counts as broken wherever it
is not true, null included; a measure that is null fails.
"""

from collections.abc import Mapping
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
        """Refuse a rule that nothing can break, and a name that a page would have to escape."""
        if self.minimum is None and self.maximum is None:
            raise ValueError(f"rule {self.name} has no bound")
        if not self.name.isidentifier():
            raise ValueError(f"rule {self.name!r}: a rule is named by letters, digits and _")


@dataclass(frozen=True)
class Comparison(Rule):
    """A rule about a profile of tonight's frame beside those of earlier nights.

    `measure` names the function of `pipelines/quality/comparing.py` that gives the number.
    """

    profile: str = ""


@dataclass(frozen=True)
class Profile:
    """What a frame was like, kept for later nights: how many rows, and numbers that say how they lie.

    Both are Spark SQL aggregates: `rows` of a bigint, `values` of an array<double>.
    """

    name: str
    rows: str
    values: str = "array()"


@dataclass(frozen=True)
class Suite:
    """The rules that one frame of a gate is held to; a rule's name is unique within its gate."""

    gate: str
    table: str
    rules: tuple[Rule, ...]
    profiles: tuple[Profile, ...] = ()


def always(name: str, condition: str) -> Rule:
    """The rule that a condition is true of every row; its measure is the number of rows that break it.

    >>> always("titles", "title <> ''").measure
    "count_if((title <> '') IS NOT TRUE)"
    """
    return Rule(name, f"count_if(({condition}) IS NOT TRUE)", maximum=0)


def weighed(suite: Suite, severities: Mapping[str, Severity]) -> Suite:
    """The suite with the severities given, by `gate.rule`; the other rules keep theirs.

    >>> suite = Suite("postings", "postings", (always("titles", "title <> ''"),))
    >>> weighed(suite, {"postings.titles": "warn"}).rules[0].severity
    'warn'
    """
    rules = (replace(one, severity=severities.get(f"{suite.gate}.{one.name}", one.severity)) for one in suite.rules)
    return replace(suite, rules=tuple(rules))
