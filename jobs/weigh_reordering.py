"""Show what an order that keeps shares of groups would cost this run's lists, before anybody switches it on.

Postings' lists of members by each attribute of members, and members' lists of postings by each attribute of postings.
Nothing is written.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from pyspark.sql import DataFrame
from rich.markup import escape
from rich.table import Table as Grid

from jobs.read_groups import (
    Attribute,
    found_members,
    given_out,
    grouping,
    member_attributes,
    posting_attributes,
)
from jobs.start import Context, context, parser, run
from pipelines.fairness.constrained import Cost, Weighed, cost_of
from pipelines.fairness.lists import SUMS, lists_of, some_lists, weighed
from pipelines.fairness.measures import places_of
from pipelines.reporting.terminal import Terminal
from schemas import columns as c
from schemas.errors import ConfigError

FIGURES = {
    "nDCG": "ndcg",
    "NDKL": "ndkl",
    "prefixes with too few": "lacking",
    "least skew": "min_skew",
    "most skew": "max_skew",
}


class Direction(NamedTuple):
    """Lists of one kind."""

    lists: str
    rows: DataFrame
    owner: str
    score: str
    number: int  # of lists that are looked at
    places: int
    attributes: list[Attribute]


def directions(given: Context) -> Iterator[Direction]:
    """The kinds of lists that there are, with the attributes of what is on them."""
    lists, found, config = given_out(given), found_members(given), given.config
    if found is not None and "recruiting" in config.audited_sides:
        rows, names = member_attributes(given)
        attributes = [Attribute(name, c.MEMBER_ID, lists.members, rows) for name in names]
        asked = (config.fairness.max_postings, config.retrieval.members_per_posting)
        yield Direction("postings' lists of members", found, c.POSTING_ID, c.SIMILARITY, *asked, attributes)
    rows, names = posting_attributes(given, lists.postings)
    attributes = [Attribute(name, c.POSTING_ID, lists.postings, rows) for name in names]
    asked = (config.fairness.max_members, config.ranking.recommendations_per_member)
    yield Direction("members' lists of postings", lists.recommendations, c.MEMBER_ID, c.SCORE, *asked, attributes)


def costs(given: Context, lists: Direction, attribute: Attribute) -> list[Cost]:
    """What the order would cost these lists, by k; none where there are no two groups or no lists."""
    by_group, k = grouping(given, attribute), places_of(given.config.fairness.k, lists.places)
    if len(by_group.names) < 2:
        return []
    some = some_lists(lists.rows, owner=lists.owner, count=lists.number)
    as_arrays = lists_of(some, by_group.of, owner=lists.owner, listed=attribute.key, score=lists.score)
    n_groups = len(by_group.names)
    sums = weighed(as_arrays, n_groups=n_groups, targets=by_group.targets, places=k).collect()
    if not sums:
        return []
    return cost_of(Weighed.of(np.sum([row[SUMS] for row in sums], axis=0), len(k), n_groups), k)


def show(lists: str, attribute: str, found: Sequence[Cost]) -> None:
    """A row per figure, a column per number of first places; each figure as it is, and reordered."""
    if not found:
        Terminal().print(f"{lists} by {escape(attribute)}: no two groups are large enough to be compared")
        return
    looked_at = f"{found[0].lists:,} looked at, {found[0].moved:.1%} get another order; as it is, and reordered"
    title = f"{lists} by {escape(attribute)}: {looked_at}"
    grid = Grid("first", *(str(cost.k) for cost in found), title=title, title_justify="left")
    for name, figure in FIGURES.items():
        pairs: list[tuple[float, float]] = [getattr(cost, figure) for cost in found]
        grid.add_row(name, *(f"{before:.4f} {after:.4f}" for before, after in pairs))
    Terminal().print(grid)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    asked = parser(__doc__).parse_args(argv)

    def work() -> int:
        given = context(asked)
        if not given.config.audited_sides:
            raise ConfigError(
                "nothing says whose groups lists would keep shares of: give sources.audit_attributes, "
                "sources.audit_posting_attributes or fairness.posting_groups"
            )
        for lists in directions(given):
            for attribute in lists.attributes:
                show(lists.lists, attribute.name, costs(given, lists, attribute))
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
