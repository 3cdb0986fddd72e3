"""What each way of making lists costs in relevance and what it buys, on the matches of a finished night.

    python -m benchmarks.bench_lists --env sample --run-date 2026-11-02 --key truth
    python -m benchmarks.bench_lists --env jobboard --run-date 2015-04-02 --key views

Results go to var/bench/lists-<env>.json; with `--publish` also to docs/lists-benchmark.md.
"""

import os
import sys
from collections.abc import Sequence

import pyarrow as pa
from pyspark.sql import functions as F
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.list_curves import Matched, curves, floors_of, measured
from benchmarks.lists_page import COLUMNS, cells, publish
from benchmarks.machine import machine_facts
from benchmarks.race import PROJECT
from benchmarks.stored import store
from jobs.find_answers import answer_key, truth_feeds
from jobs.rank_matches import scoring_of, vectors_of
from jobs.start import Context, context, parser, run
from pipelines.evaluation.stage import GAIN, occupation_gains
from pipelines.ranking.gathered import MATCHES as EACH
from pipelines.ranking.gathered import Gathered, gather, side_by_side, told
from pipelines.ranking.stage import score_matches
from schemas import columns as c
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS

BENCH = PROJECT / "var" / "bench"
ENVS = ("sample", "jobboard")
FLOOR_SHARES = (0.5, 0.75, 0.9, 0.95)  # of all matches, below a floor that is tried

console = Console(width=160)


def matched(given: Context, key: str) -> Matched:
    """The night's matches with their scores, and how right they are by a key."""
    tables = (MATCHES, MEMBERS, POSTINGS, POSTING_POPULARITY)
    matches, members, postings, popularity = (given.tables.staged(table) for table in tables)
    scored = score_matches(
        matches,
        members,
        postings,
        popularity,
        night=given.night,
        scoring=scoring_of(given),
        shown=None,
        fatigue=given.config.ranking.fatigue,
    )
    if key == "truth":
        feeds = truth_feeds(given)
        right = occupation_gains(members, feeds.members, postings, feeds.postings)
    else:
        liked = F.explode("right").alias(c.POSTING_ID)
        right = answer_key(given, members, postings, key).select(c.MEMBER_ID, liked, F.lit(1.0).alias(GAIN))
    best = right.groupBy(c.MEMBER_ID, c.POSTING_ID).agg(F.max(GAIN).alias(GAIN))
    gathered = gather(scored.join(best, on=[c.MEMBER_ID, c.POSTING_ID], how="left").fillna(0.0, [GAIN]), min_score=0.0)
    rows = gathered.select(told().alias("told"), *(F.col(EACH)[name].alias(name) for name in (c.SCORE, GAIN))).toArrow()
    scores, gains = (rows.column(name).combine_chunks() for name in (c.SCORE, GAIN))
    lengths = scores.value_lengths().to_numpy()
    return Matched(
        Gathered.of(pa.concat_arrays(rows.column("told").chunks)),
        side_by_side(lengths, scores.flatten().to_numpy(), float("-inf")),
        side_by_side(lengths, gains.flatten().to_numpy(), 0.0),
        vectors_of(given),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    arguments = parser(__doc__)
    arguments.add_argument("--key", choices=["truth", "views"], required=True, help="what is right")
    arguments.add_argument("--publish", action="store_true", help="write the page of the documentation")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        night = matched(given, asked.key)
        rows = []
        for curve in curves(night, given.config.ranking, floors_of(night.scores, FLOOR_SHARES)):
            rows += [{"setting": curve.name, **row} for row in measured(night, curve)]
        known = "" if night.gains is None else f", {int((night.gains > 0).any(axis=1).sum()):,} with a right match"
        facts = {
            "night": f"{len(night.scores):,} members{known}",
            "rounds of sharing": str(given.config.ranking.exposure.rounds),
        }
        store(BENCH, f"lists-{asked.env}", rows, machine_facts(os.environ, {}) | facts)
        grid = Grid(*COLUMNS, title=asked.env)
        for row in rows:
            grid.add_row(*cells(row))
        console.print(grid)
        if asked.publish:
            console.print(f"written {publish(BENCH, PROJECT / 'docs', ENVS).relative_to(PROJECT)}")
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
