"""Put each posting's matches into an order that keeps shares of groups; `fairness.reordering` says of which.

`posting_matches` stays as it is, so that what the order has cost can be seen.
"""

import sys
from collections.abc import Sequence

from jobs.check_quality import check
from jobs.read_groups import Attribute, grouping, member_attributes
from jobs.run_stage import stage_job
from jobs.start import Context
from pipelines.fairness.lists import lists_of, ranked_by_similarity, reordered
from pipelines.publishing.progress import Counts
from schemas import columns as c
from schemas.errors import ConfigError
from schemas.matches import POSTING_LISTS, POSTING_MATCHES
from schemas.members import MEMBERS


def reorder(run: Context) -> Counts:
    """The postings' lists of this run are staged and have passed their gate."""
    config = run.config.fairness.reordering
    if not config.enabled:
        raise ConfigError("fairness.reordering.enabled is false: lists keep the order of posting_matches")
    rows_in = run.progress.need("match_postings").counts.rows_out
    attributes, _ = member_attributes(run)
    by_group = grouping(run, Attribute(config.attribute, c.MEMBER_ID, run.tables.staged(MEMBERS), attributes))
    found = ranked_by_similarity(run.tables.staged(POSTING_MATCHES))
    lists = lists_of(found, by_group.of, owner=c.POSTING_ID, listed=c.MEMBER_ID, score=c.SIMILARITY)
    rows = reordered(lists, n_groups=len(by_group.names), targets=by_group.targets, night=run.night)
    staged = run.tables.stage(POSTING_LISTS, rows)
    check(run, "posting_lists")
    return Counts(rows_in=rows_in, rows_out=staged)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "reorder_members", reorder, argv)


if __name__ == "__main__":
    sys.exit(main())
