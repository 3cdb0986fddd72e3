"""Run the whole night: sources in, published recommendations out.

A stage that has finished in this run is not done again, so the same command continues a broken night and leaves a
finished one as it is.
"""

import sys
from collections.abc import Callable, Sequence

from jobs.audit_fairness import audit
from jobs.build_index import build
from jobs.distill_student import distill
from jobs.embed_texts import embed
from jobs.ingest_members import ingest_members
from jobs.ingest_postings import ingest_postings
from jobs.ingest_searches import ingest_searches
from jobs.match_members import match
from jobs.match_postings import match_postings
from jobs.publish_night import publish
from jobs.rank_matches import rank
from jobs.rank_members import rank_members
from jobs.rank_searches import rank_searches
from jobs.reorder_members import reorder
from jobs.run_stage import in_night, run_stages
from jobs.show_night import show
from jobs.start import Context, context, held, log, parser, run
from pipelines.publishing.progress import Counts

STAGES: dict[str, Callable[[Context], Counts]] = {
    "ingest_postings": ingest_postings,
    "ingest_members": ingest_members,
    "ingest_searches": ingest_searches,
    "distill": distill,
    "embed": embed,
    "index": build,
    "match": match,
    "rank": rank,
    "rank_searches": rank_searches,
    "match_postings": match_postings,
    "reorder_members": reorder,
    "rank_members": rank_members,
    "audit": audit,
    "publish": publish,
}


def stages_of(given: Context) -> dict[str, Callable[[Context], Counts]]:
    """The stages of this night; the log says which there might be besides."""
    stages = {name: work for name, work in STAGES.items() if in_night(given, name)}
    absent = [name for name in STAGES if name not in stages]
    log.info("not asked for in this night: %s", ", ".join(absent) or "nothing")
    return stages


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--show-members", type=int, default=0, help="how many members' lists to show at the end")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        with held(given):
            stages = run_stages(given, stages_of(given))
        if all(finished.outcome == "reused" for finished in stages):
            log.info("run %s was published before; nothing changed (--attempt 2 runs it afresh)", given.night.run_id)
        show(given, stages, members=asked.show_members)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
