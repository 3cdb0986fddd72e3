"""Kernel: how good lists are, given what was right; each metric is a mean over members."""

from collections.abc import Mapping, Sequence, Set

Lists = Mapping[str, Sequence[str]]  # member_id -> posting_ids, best first
Relevant = Mapping[str, Set[str]]  # member_id -> posting_ids that are right


def hit_rate(lists: Lists, relevant: Relevant, k: int) -> float:
    """Share of members with at least one right posting among their first `k`; a member without a list has none.

    >>> hit_rate({"a": ["1", "2"], "b": ["3"]}, {"a": {"2"}, "b": {"4"}, "c": {"1"}}, k=2)
    0.3333333333333333
    """
    return _mean([float(any(posting in right for posting in lists.get(m, ())[:k])) for m, right in relevant.items()])


def precision(lists: Lists, relevant: Relevant, k: int) -> float:
    """Mean share of right postings among the first `k` places; an empty place counts as wrong.

    >>> precision({"a": ["1", "2"], "b": ["3"]}, {"a": {"2"}, "b": {"3"}}, k=2)
    0.5
    """
    return _mean([sum(posting in right for posting in lists.get(m, ())[:k]) / k for m, right in relevant.items()])


def _mean(values: Sequence[float]) -> float:
    if not values:
        raise ValueError("no member to evaluate")
    return sum(values) / len(values)
