"""Measure how a teacher agrees with people, or with another teacher; the figures go to the table `evaluation`.

With --grades, the pairs of a file (CSV or JSON lines: left, right, grade) are scored now, unless they were before.
With --against alone, the pairs are those that both teachers have scored in the table `teacher_scores`.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jobs.start import Context, context, held, log, parser, run
from pipelines.night import Night
from pipelines.publishing.ledger import Ledger
from pipelines.reporting.terminal import Terminal
from pipelines.teaching.agreement import PEOPLE, agreement_figures, check_kappa, figure_name
from pipelines.teaching.graded import Comparison, Graded, compared, read_graded_pairs, side_of
from pipelines.teaching.plan import TeacherPlan, plan_teacher
from pipelines.teaching.report import print_comparison
from pipelines.teaching.scoring import Scorer, account_for, ledger_folder
from pipelines.teaching.stage import latest_figures, other_figures, scores_of, shared_pairs, teacher_figures
from pipelines.teaching.teacher import Pair
from schemas import columns as c
from schemas.errors import ConfigError
from schemas.operations import EVALUATION
from schemas.teacher_scores import TEACHER_SCORES


def compare(given: Context, asked: argparse.Namespace) -> Comparison:
    """The teacher beside people, or beside another teacher.

    Raises:
        ArtifactError: a teacher cannot be asked.
        ConfigError: the file is none, or no pair is scored by both teachers.
        QualityGateError: a teacher refused more pairs than its share, or scored none.
    """
    if asked.grades is None and asked.against is None:
        raise ConfigError("give --grades FILE, --against NAME, or both")
    if asked.grades is None:
        return on_table(given, [_plan(given, name, asked) for name in (asked.teacher, asked.against)])
    graded = Graded(PEOPLE, *read_graded_pairs(asked.grades))
    if asked.against is not None:
        beside = on_pairs(given, _plan(given, asked.against, asked), graded)
        graded = Graded(beside.name, beside.pairs, beside.left)
    return on_pairs(given, _plan(given, asked.teacher, asked), graded)


def on_pairs(given: Context, plan: TeacherPlan, graded: Graded) -> Comparison:
    """The teacher beside another grader, on those of its pairs that the teacher scores."""
    teacher = plan.open()
    folder = ledger_folder(given.store.root, teacher.teacher_id, teacher.policy_version)
    with Ledger(folder) as ledger:
        outcomes = Scorer(plan, ledger, given.night.run_id).score(graded.pairs)
    counts = Counter((str(one.outcome), one.reason) for one in outcomes)
    log.info("teacher %s: %s", teacher.teacher_id, account_for(counts, max_malformed_share=plan.max_malformed_share))
    return compared(teacher, graded, outcomes, given.config.teaching.grade_bounds)


def on_table(given: Context, plans: Sequence[TeacherPlan]) -> Comparison:
    """Two teachers on the pairs that both have scored in the table."""
    teachers = [plan.open() for plan in plans]
    scores = given.tables.read(TEACHER_SCORES)
    known = [
        scores_of(scores, teacher_id=teacher.teacher_id, policy_version=teacher.policy_version) for teacher in teachers
    ]
    rows = shared_pairs(*known).collect()
    if not rows:
        raise ConfigError("no pair is scored by both teachers; run jobs.score_pairs for each")
    bounds = given.config.teaching.grade_bounds
    left, right = (
        side_of([row[score] for row in rows], [row[grade] for row in rows], bounds)
        for score, grade in ((c.SCORE, c.GRADE), ("other_score", "other_grade"))
    )
    pairs = [Pair(row[c.LEFT_TEXT], row[c.RIGHT_TEXT]) for row in rows]
    return Comparison(teachers[0], teachers[1].teacher_id, pairs, left, right)


def check_agreement(given: Context, name: str, conf_dir: Path) -> float:
    """Kappa of the teacher with people, at its last evaluation, where it is enough for a grader.

    Raises:
        QualityGateError: it is below `teaching.min_kappa`, or was never measured.
    """
    teacher = plan_teacher(name, given.config.teachers, conf_dir).open()
    rows = latest_figures(given.tables.read(EVALUATION), method=teacher.teacher_id).collect()
    return check_kappa(
        {row[c.NAME]: row[c.VALUE] for row in rows},
        teacher_id=teacher.teacher_id,
        policy_version=teacher.policy_version,
        min_kappa=given.config.teaching.min_kappa,
    )


def record(given: Context, compared: Comparison, figures: dict[str, float]) -> None:
    """The figures are in the evaluation table, in a run of their own: jobs.evaluate_run replaces its run's rows."""
    teacher, night = compared.teacher, Night(given.night.run_date, f"{given.night.run_id}-teachers")
    rows = [
        (teacher.teacher_id, figure_name(name, compared.other, teacher.policy_version), value)
        for name, value in figures.items()
    ]
    tables = replace(given.tables, run_id=night.run_id)
    frame = given.spark.createDataFrame(rows, f"{c.METHOD} string, {c.NAME} string, {c.VALUE} double")
    kept = other_figures(tables.read(EVALUATION, **{c.RUN_ID: night.run_id}), frame)
    tables.stage(EVALUATION, teacher_figures(frame, night=night).unionByName(kept))
    tables.replace(EVALUATION, **{c.RUN_ID: night.run_id})


def _plan(given: Context, name: str, asked: argparse.Namespace) -> TeacherPlan:
    return plan_teacher(name, given.config.teachers, asked.conf_dir)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    arguments.add_argument("--teacher", required=True, help="which [teachers.<name>] is measured")
    arguments.add_argument("--grades", type=Path, help="file of pairs that people have graded")
    arguments.add_argument("--against", help="another [teachers.<name>]; with --grades, on the pairs of that file")
    arguments.add_argument("--examples", type=int, default=0, help="how many of the worst disagreements to show")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        with held(given):
            compared = compare(given, asked)
            figures = agreement_figures(compared.left, compared.right)
            record(given, compared, figures)
        print_comparison(Terminal(), compared, figures, examples=asked.examples)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
