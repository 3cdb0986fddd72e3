"""Have a teacher score pairs of a published night, and keep its scores in the table `teacher_scores`.

A pair that the teacher has scored before, under the same policy, is not scored again, whatever happened to the run.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame, Observation

from jobs.start import Context, context, held, log, parser, run
from pipelines.publishing.sources import read_source
from pipelines.teaching.plan import plan_teacher
from pipelines.teaching.scoring import account_for, ledger_folder
from pipelines.teaching.stage import (
    choose_pairs,
    outcome_counts,
    score_pairs,
    score_rows,
    scores_of,
    with_texts,
    without_scored,
)
from schemas import columns as c
from schemas import interactions
from schemas.errors import ArtifactError
from schemas.matches import MATCHES
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.teacher_scores import TEACHER_SCORES


def score(given: Context, name: str, conf_dir: Path) -> str:
    """What became of the night's pairs, in words; those scored are in the table.

    Raises:
        ArtifactError: no night of this date is published, or the teacher cannot be asked.
        QualityGateError: the teacher refused more pairs than its share.
    """
    plan = plan_teacher(name, given.config.teachers, conf_dir)
    teacher = plan.open()
    who = {c.TEACHER_ID: teacher.teacher_id, c.POLICY_VERSION: teacher.policy_version}
    known = scores_of(given.tables.read(TEACHER_SCORES, **{c.TEACHER_ID: teacher.teacher_id}), **who)
    seen = Observation()
    outcomes = score_pairs(
        without_scored(night_pairs(given), known),
        plan=plan,
        ledger=ledger_folder(given.store.root, teacher.teacher_id, teacher.policy_version),
        night=given.night,
        config=given.config.teaching,
    ).observe(seen, *outcome_counts())
    given.tables.stage(TEACHER_SCORES, score_rows(outcomes, **who, night=given.night))
    given.tables.append(TEACHER_SCORES)
    given.tables.tidy(TEACHER_SCORES)
    counts = Counter({(one["outcome"], one["reason"] or ""): one["pairs"] for one in seen.get.values() if one["pairs"]})
    return f"teacher {teacher.teacher_id}: {account_for(counts, max_malformed_share=plan.max_malformed_share)}"


def night_pairs(given: Context) -> DataFrame:
    """The pairs of the published night that a teacher should see.

    Raises:
        ArtifactError: no night of this date is published.
    """
    date = {c.RUN_DATE: given.night.run_date}
    if not given.tables.files(MATCHES, **date):
        raise ArtifactError(f"no night of {given.night.run_date} is published; run jobs.run_nightly first")
    source = given.config.sources.interactions
    done = (
        read_source(given.spark, "sources.interactions", source, interactions.SOURCE, given.project) if source else None
    )
    near = given.config.ranking.recommendations_per_member
    chosen = choose_pairs(given.tables.read(MATCHES, **date), done, near_ranks=near, config=given.config.teaching)
    return with_texts(chosen, given.tables.read(MEMBERS, **date), given.tables.read(POSTINGS, **date))


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--teacher", required=True, help="which [teachers.<name>] scores")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        with held(given):
            log.info(score(given, asked.teacher, asked.conf_dir))
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
