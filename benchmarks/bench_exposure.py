"""What shared attention adds to a finished night.

    python -m benchmarks.bench_exposure --env sample --run-date 2026-11-02 --rounds 3

The night's staged matches are ranked again, in turn with and without shared prices, and the rows are thrown away. What
it adds is held against the seconds of all stages of the night. Results go to var/bench/exposure.json.
"""

import os
import statistics
import sys
import time
from collections.abc import Sequence

from rich.console import Console

from benchmarks.machine import machine_facts
from benchmarks.nights import PROJECT
from jobs.rank_matches import scoring_of
from jobs.share_exposure import held_while, shared_prices
from jobs.start import Context, context, parser, run
from pipelines.publishing.artifacts import write_json
from pipelines.ranking.gathered import gather
from pipelines.ranking.listing import Listing, make_lists
from pipelines.ranking.stage import recommend, score_matches
from schemas.interactions import POSTING_POPULARITY
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS

TARGET = PROJECT / "var" / "bench" / "exposure.json"
WITH, WITHOUT = "shared", "plain"

console = Console(width=120)


def ranked_seconds(given: Context, *, shared: bool) -> float:
    """Seconds in which the night's matches become rows of recommendations, as `jobs.rank_matches` makes them."""
    started = time.monotonic()
    tables = (MATCHES, MEMBERS, POSTINGS, POSTING_POPULARITY)
    matches, members, postings, popularity = (given.tables.staged(table) for table in tables)
    ranking, scoring = given.config.ranking, scoring_of(given)
    scored = score_matches(
        matches,
        members,
        postings,
        popularity,
        night=given.night,
        scoring=scoring,
        shown=None,
        fatigue=ranking.fatigue,
    )
    gathered = gather(scored, min_score=ranking.min_score)
    with held_while(gathered, shared):
        prices = shared_prices(gathered, ranking.exposure, ranking.recommendations_per_member) if shared else None
        rows = recommend(
            make_lists(gathered, Listing(ranking, prices), given.night),
            members,
            postings,
            night=given.night,
            config=ranking,
            config_hash=given.config.config_hash,
            scoring=scoring,
        )
        rows.write.format("noop").mode("overwrite").save()
    return time.monotonic() - started


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    arguments = parser(__doc__)
    arguments.add_argument("--rounds", type=int, default=3, help="of both, in turn; medians count")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        took: dict[str, list[float]] = {WITHOUT: [], WITH: []}
        ranked_seconds(given, shared=False)  # warms up
        for _ in range(asked.rounds):
            for name in took:
                took[name].append(ranked_seconds(given, shared=name == WITH))
        night_s = sum(stage.seconds for stage in given.progress.all())
        middle = {name: statistics.median(seconds) for name, seconds in took.items()}
        added = (middle[WITH] - middle[WITHOUT]) / night_s
        members = given.progress.need("ingest_members").counts.rows_out
        console.print(
            f"{members:,} members: ranking {middle[WITHOUT]:.1f} s, with shared attention {middle[WITH]:.1f} s"
        )
        console.print(f"that is {added:.1%} of the {night_s:,.0f} s of all stages of this night")
        facts = machine_facts(os.environ, {})
        write_json(TARGET, {"machine": facts, "members": members, "seconds": took, "night_s": night_s, "added": added})
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
