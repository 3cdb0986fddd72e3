"""Publish this night's audited tables: all of them at once, or one after the other with the recommendations last."""

import sys
from collections.abc import Sequence

from jobs.leave_out import leave_out
from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.publishing.catalog import together
from pipelines.publishing.contents import NIGHTLY, SEARCHED
from pipelines.publishing.lease import raise_unless_held
from pipelines.publishing.progress import Counts
from pipelines.publishing.publications import keep_publication
from schemas import columns as c
from schemas.matches import POSTING_LISTS, POSTING_MATCHES
from schemas.recommendations import POSTING_RECOMMENDATIONS
from schemas.table import Table


def publish(run: Context) -> Counts:
    """Readers of the run date see this run, every table wholly; what broken tries left is gone."""
    if run.config.audited_sides:
        run.progress.need("audit")
    ranked, date = run.progress.need("rank").counts.rows_out, {c.RUN_DATE: run.night.run_date}
    tables, absent = list(NIGHTLY), list[Table]()
    recruited, reordered = run.config.retrieval.members_per_posting > 0, run.config.fairness.reordering.enabled
    for some, stage, wanted in (
        ((POSTING_RECOMMENDATIONS,), "rank_members", recruited),
        ((POSTING_LISTS,), "reorder_members", reordered),
        ((POSTING_MATCHES,), "match_postings", recruited),
        (SEARCHED, "rank_searches", run.config.sources.saved_searches is not None),
    ):
        if wanted:
            run.progress.need(stage)
            tables = [*some, *tables]
        else:  # another run of this date may have had some
            absent += some
    left = leave_out(run, tables)
    with together(run.tables.catalog):
        raise_unless_held(run.store.lease(run.night.run_date))
        changed = [table.name for table in absent if run.tables.clear(table, **date)]
        changed += [table.name for table in tables if run.tables.replace(table, **date)]
    keep_publication(run.tables.catalog, run.store, run_id=run.night.run_id, run_date=run.night.run_date)
    for table in tables:
        run.tables.tidy(table)
    log.info("publish: %s", f"committed {', '.join(changed)}" if changed else "nothing changed")
    return Counts(rows_in=ranked, rows_out=ranked if left is None else left)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "publish", publish, argv)


if __name__ == "__main__":
    sys.exit(main())
