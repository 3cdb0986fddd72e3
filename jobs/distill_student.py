"""Distil a student from the teacher on this night's texts and the configured corpora.

The first one of an environment is current at once; a later one waits as a challenger for jobs.promote_student.
"""

import sys
from collections.abc import Sequence

from jobs.evaluate_teacher import check_agreement
from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.distillation.card import write_card
from pipelines.distillation.corpora import documents
from pipelines.distillation.distil import Material, distil
from pipelines.distillation.lessons import CorpusRow, ScoredPair
from pipelines.distillation.stage import MAX_CORPUS_ROWS, sample_corpus, sample_documents, scored_pairs
from pipelines.distillation.students import adopt_student, draft_folder, is_current, workshop
from pipelines.distillation.texts import training_texts
from pipelines.publishing.progress import Counts
from pipelines.publishing.sources import read_source
from pipelines.teaching.plan import model_name, named_encoder, plan_teacher
from schemas import columns as c
from schemas import corpora
from schemas.members import MEMBERS
from schemas.postings import POSTINGS
from schemas.teacher_scores import TEACHER_SCORES


def distill(run: Context) -> Counts:
    """A student distilled on the texts of this run is sealed; it is current when there was none.

    Raises:
        QualityGateError: a grader does not agree with people, or the student with its teacher.
    """
    config, models = run.config.distillation, run.store.models
    scored = [pair for name in config.graders for pair in graded(run, name)]
    rows = [row for name in config.corpora for row in corpus(run, name)]
    entities = [run.tables.staged(table) for table in (POSTINGS, MEMBERS)]
    own = [row[c.TEXT] for frame in entities for row in sample_documents(frame, config=config).collect()]
    material = Material(training_texts([*own, *documents(rows)], config=config), rows, scored)
    teacher = named_encoder(config.teacher, run.config.teachers)
    model = model_name(config.teacher, run.config.teachers)
    with workshop(models) as paid, draft_folder(models) as folder:
        distilled = distil(
            material, teacher=teacher, model=model, config=config, workshop=paid, folder=folder, progress=log.info
        )
        write_card(folder, distilled, config=config)
        student = adopt_student(
            folder,
            models,
            dimension=distilled.dimension,
            teacher_id=distilled.teacher_id,
            recipe={"config": config.model_dump(mode="json"), "figures": distilled.figures},
        )
    notes = {"student_id": student.student_id}
    if not is_current(models, student.student_id):
        notes["next"] = f"promote with jobs.promote_student --challenger {student.student_id}"
        log.info("distill: student %s is a challenger; %s", student.student_id, notes["next"])
    return Counts(rows_in=len(own) + len(rows), rows_out=distilled.counts["texts_taught"], notes=notes)


def corpus(run: Context, name: str) -> list[CorpusRow]:
    """The rows of a configured corpus.

    Raises:
        ConfigError: it cannot be read as it is configured.
    """
    given = run.config.distillation.corpora[name]
    source = read_source(run.spark, f"distillation.corpora.{name}", given, corpora.SOURCE, run.project)
    rows = [CorpusRow(*row) for row in sample_corpus(source).collect()]
    full = f"; a corpus is cut at {MAX_CORPUS_ROWS:,}" if len(rows) == MAX_CORPUS_ROWS else ""
    log.info("distill: corpus %s, %s rows%s", name, f"{len(rows):,}", full)
    return rows


def graded(run: Context, name: str) -> list[ScoredPair]:
    """The pairs that a grader has scored.

    Raises:
        QualityGateError: it does not agree with people well enough, or was never compared with them.
    """
    kappa = check_agreement(run, name, run.conf_dir)
    teacher = plan_teacher(name, run.config.teachers, run.conf_dir).open()
    scores = scored_pairs(
        run.tables.read(TEACHER_SCORES, **{c.TEACHER_ID: teacher.teacher_id}),
        teacher_id=teacher.teacher_id,
        policy_version=teacher.policy_version,
    )
    pairs = [ScoredPair(*row) for row in scores.collect()]
    log.info("distill: grader %s, kappa with people %.2f, %d scored pairs", name, kappa, len(pairs))
    return pairs


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "distill", distill, argv)


if __name__ == "__main__":
    sys.exit(main())
