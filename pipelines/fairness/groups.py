"""Kernel: which groups are large enough to be spoken of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.fairness.measures import Audited
from pipelines.fairness.metrics import Array
from pipelines.fairness.resampling import Indices


@dataclass(frozen=True)
class Groups:
    """The groups that are compared, those of one attribute beside each other, named ones first by attribute.

    Args:
        names: (attribute, group) of each.
        rows: rows of each, those of one attribute disjoint.
        suppressed: attribute -> how many groups are too small to be named.
        unknown: attribute -> how many members or postings have no group.
    """

    names: Sequence[tuple[str, str]]
    rows: Sequence[Indices]
    suppressed: dict[str, int]
    unknown: dict[str, int]

    def of(self, attribute: str) -> list[int]:
        """Positions of the attribute's groups."""
        return [position for position, (name, _) in enumerate(self.names) if name == attribute]

    @property
    def same(self) -> Array:
        """float64 [n_groups, n_groups], 1 where both are of one attribute."""
        attributes = np.array([name for name, _ in self.names])
        return np.asarray(attributes[:, None] == attributes, dtype=np.float64)


def groups_of(audited: Audited, *, min_size: int, max_groups: int) -> Groups:
    """The groups of at least `min_size`, at most `max_groups` of an attribute; an attribute with a single one has none.

    Members of the others are left out of the attribute's comparison: what the others got must not be told by what is
    missing.
    """
    names: list[tuple[str, str]] = []
    rows: list[Indices] = []
    suppressed, unknown = {}, {}
    for attribute, labels in audited.attributes.items():
        sizes = Counter(label for label in labels if label is not None)
        kept = large_enough(sizes, min_size=min_size, max_groups=max_groups)
        suppressed[attribute], unknown[attribute] = len(sizes) - len(kept), len(labels) - sizes.total()
        if len(kept) > 1:
            names += [(attribute, group) for group in kept]
            rows += [np.flatnonzero(labels == group) for group in kept]
    return Groups(names, rows, suppressed, unknown)


def large_enough(sizes: Mapping[str, int], *, min_size: int, max_groups: int) -> list[str]:
    """The groups that may be spoken of, by name.

    >>> large_enough({"a": 30, "b": 9, "d": 20, "c": 20}, min_size=10, max_groups=2)
    ['a', 'c']
    """
    by_size = sorted(sizes, key=lambda group: (-sizes[group], group))
    return sorted(group for group in by_size[:max_groups] if sizes[group] >= min_size)
