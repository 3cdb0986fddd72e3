"""Distil a student from the teacher on this night's texts, and make it the current one."""

import sys
from collections.abc import Sequence

from jobs.run_stage import stage_job
from jobs.start import Context, log
from pipelines.distillation.distil import distil
from pipelines.distillation.stage import sample_documents
from pipelines.distillation.students import adopt_student, draft_folder
from pipelines.distillation.teacher import load_teacher
from pipelines.distillation.texts import training_texts
from pipelines.publishing.progress import Counts
from schemas import columns as c
from schemas.members import MEMBERS
from schemas.postings import POSTINGS


def distill(run: Context) -> Counts:
    """A student distilled on the texts of this run is current."""
    config = run.config.distillation
    entities = [run.tables.staged(table) for table in (POSTINGS, MEMBERS)]
    documents = [row[c.TEXT] for frame in entities for row in sample_documents(frame, config=config).collect()]
    teacher = load_teacher(config.teacher)
    folder = draft_folder(run.store.models)
    texts = training_texts(documents, config=config)
    distilled = distil(texts, teacher=teacher, config=config, folder=folder, progress=log.info)
    student = adopt_student(
        folder,
        run.store.models,
        dimension=distilled.dimension,
        teacher_id=distilled.teacher_id,
        recipe=distilled.recipe,
    )
    return Counts(rows_in=len(documents), rows_out=distilled.n_texts, notes={"student_id": student.student_id})


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    return stage_job(__doc__, "distill", distill, argv)


if __name__ == "__main__":
    sys.exit(main())
